#include "textflag.h"

// SHA-256 with the processor's own instructions (Intel's SHA extensions,
// https://www.intel.com/content/www/us/en/developer/articles/technical/intel-sha-extensions.html).
// They want the state's words as two registers, from the lowest word f, e, b, a and
// h, g, d, c, and take the sum of message and constant of two rounds in X0.

// TWICE does four rounds with the sums in X0 on the state in abef and cdgh.
#define TWICE(abef, cdgh) \
	SHA256RNDS2 X0, abef, cdgh; \
	PSHUFD $0x0e, X0, X0;       \
	SHA256RNDS2 X0, cdgh, abef

// FOUR does the four rounds of the message words m; AX points at the constants.
#define FOUR(k, m, abef, cdgh) \
	VPADDD (4*k)(AX), m, X0; \
	TWICE(abef, cdgh)

// SCHEDULE makes the message's next four words, in m0, of its last sixteen.
#define SCHEDULE(m0, m1, m2, m3, t) \
	SHA256MSG1 m1, m0;      \
	VPALIGNR $4, m2, m3, t; \
	VPADDD t, m0, m0;       \
	SHA256MSG2 m3, m0

// NEXT does four rounds from the round k on, of one message.
#define NEXT(k, m0, m1, m2, m3) \
	SCHEDULE(m0, m1, m2, m3, X7); \
	FOUR(k, m0, X1, X2)

// func compressSHA(state *[8]uint32, message *block)
TEXT ·compressSHA(SB), NOSPLIT, $0-16
	MOVQ state+0(FP), DI
	MOVQ message+8(FP), SI
	LEAQ ·sha256K(SB), AX
	VPSHUFD $0xb1, (DI), X1      // b a d c
	VPSHUFD $0x1b, 16(DI), X2    // h g f e
	VPALIGNR $8, X2, X1, X9      // f e b a
	VPBLENDW $0xf0, X1, X2, X10  // h g d c
	VMOVDQA X9, X1
	VMOVDQA X10, X2
	VMOVDQU (SI), X3
	VMOVDQU 16(SI), X4
	VMOVDQU 32(SI), X5
	VMOVDQU 48(SI), X6
	FOUR(0, X3, X1, X2)
	FOUR(4, X4, X1, X2)
	FOUR(8, X5, X1, X2)
	FOUR(12, X6, X1, X2)
	NEXT(16, X3, X4, X5, X6)
	NEXT(20, X4, X5, X6, X3)
	NEXT(24, X5, X6, X3, X4)
	NEXT(28, X6, X3, X4, X5)
	NEXT(32, X3, X4, X5, X6)
	NEXT(36, X4, X5, X6, X3)
	NEXT(40, X5, X6, X3, X4)
	NEXT(44, X6, X3, X4, X5)
	NEXT(48, X3, X4, X5, X6)
	NEXT(52, X4, X5, X6, X3)
	NEXT(56, X5, X6, X3, X4)
	NEXT(60, X6, X3, X4, X5)
	VPADDD X9, X1, X1
	VPADDD X10, X2, X2
	VPSHUFD $0x1b, X1, X1        // a b e f
	VPSHUFD $0xb1, X2, X2        // g h c d
	VPBLENDW $0xf0, X2, X1, X3   // a b c d
	VPALIGNR $8, X1, X2, X4      // e f g h
	VMOVDQU X3, (DI)
	VMOVDQU X4, 16(DI)
	RET

// Two nonces are tried side by side, since a round of one leaves the unit idle
// while it waits for the round before: one in X1 to X7, one in X8 to X14.

// KNOWN does four rounds whose sums are the same for all nonces.
#define KNOWN(at) \
	VMOVDQU at, X0; \
	TWICE(X1, X2);  \
	VMOVDQU at, X0; \
	TWICE(X8, X9)

#define BOTH(k, m, n) \
	FOUR(k, m, X1, X2); \
	FOUR(k, n, X8, X9)

#define NEXT2(k, m0, m1, m2, m3, n0, n1, n2, n3) \
	SCHEDULE(m0, m1, m2, m3, X7);  \
	SCHEDULE(n0, n1, n2, n3, X14); \
	BOTH(k, m0, n0)

// MIDDLE does rounds 16 to 59.
#define MIDDLE \
	NEXT2(16, X3, X4, X5, X6, X10, X11, X12, X13); \
	NEXT2(20, X4, X5, X6, X3, X11, X12, X13, X10); \
	NEXT2(24, X5, X6, X3, X4, X12, X13, X10, X11); \
	NEXT2(28, X6, X3, X4, X5, X13, X10, X11, X12); \
	NEXT2(32, X3, X4, X5, X6, X10, X11, X12, X13); \
	NEXT2(36, X4, X5, X6, X3, X11, X12, X13, X10); \
	NEXT2(40, X5, X6, X3, X4, X12, X13, X10, X11); \
	NEXT2(44, X6, X3, X4, X5, X13, X10, X11, X12); \
	NEXT2(48, X3, X4, X5, X6, X10, X11, X12, X13); \
	NEXT2(52, X4, X5, X6, X3, X11, X12, X13, X10); \
	NEXT2(56, X5, X6, X3, X4, X12, X13, X10, X11)

// DIGEST makes the message words m0, m1 of the second hash out of the first's state.
#define DIGEST(abef, cdgh, m0, m1) \
	VPADDD (DI), abef, abef;        \
	VPADDD 16(DI), cdgh, cdgh;      \
	VPSHUFD $0x1b, abef, abef;      \
	VPSHUFD $0xb1, cdgh, cdgh;      \
	VPBLENDW $0xf0, cdgh, abef, m0; \
	VPALIGNR $8, abef, cdgh, m1

// LAST sets r to the last word of the second hash, as a number of the whole's top
// bits: its bytes stand the other way round. Of the state after round 61 it is f.
#define LAST(cdgh, r) \
	VMOVD cdgh, r;        \
	ADDL $0x5be0cd19, r;  \
	BSWAPL r

// func scanSHA(s *scan, nonce, pairs, limit uint32) (passed uint32)
TEXT ·scanSHA(SB), NOSPLIT, $32-28
	MOVQ s+0(FP), DI
	MOVL nonce+8(FP), CX
	MOVL pairs+12(FP), R8
	MOVL limit+16(FP), R9
	XORL R10, R10
	LEAQ ·sha256K(SB), AX
	LEAQ ·scanConstants(SB), SI
	VMOVDQU 32(DI), X15

	// The first two rounds know nothing of the nonce.
	VMOVDQU (DI), X1
	VMOVDQU 16(DI), X2
	VPADDD (AX), X15, X0
	SHA256RNDS2 X0, X1, X2
	VMOVDQU X1, abef-32(SP)
	VMOVDQU X2, cdgh-16(SP)

pair:
	MOVL CX, DX
	BSWAPL DX
	VPINSRD $3, DX, X15, X3
	LEAL 1(CX), DX
	BSWAPL DX
	VPINSRD $3, DX, X15, X10
	VMOVDQU abef-32(SP), X1
	VMOVDQU cdgh-16(SP), X2
	VMOVDQA X1, X8
	VMOVDQA X2, X9
	VPADDD (AX), X3, X0
	PSHUFD $0x0e, X0, X0
	SHA256RNDS2 X0, X2, X1
	VPADDD (AX), X10, X0
	PSHUFD $0x0e, X0, X0
	SHA256RNDS2 X0, X9, X8
	VMOVDQU (SI), X4
	VPXOR X5, X5, X5
	VMOVDQU 16(SI), X6
	VMOVDQA X4, X11
	VPXOR X12, X12, X12
	VMOVDQA X6, X13
	KNOWN(48(SI))
	KNOWN(32(AX))
	KNOWN(64(SI))
	MIDDLE
	NEXT2(60, X6, X3, X4, X5, X13, X10, X11, X12)

	DIGEST(X1, X2, X3, X4)
	DIGEST(X8, X9, X10, X11)
	VMOVDQU 112(SI), X1
	VMOVDQU 128(SI), X2
	VMOVDQA X1, X8
	VMOVDQA X2, X9
	VMOVDQU (SI), X5
	VMOVDQU 32(SI), X6
	VMOVDQA X5, X12
	VMOVDQA X6, X13
	BOTH(0, X3, X10)
	BOTH(4, X4, X11)
	KNOWN(80(SI))
	KNOWN(96(SI))
	MIDDLE
	SCHEDULE(X6, X3, X4, X5, X7)
	SCHEDULE(X13, X10, X11, X12, X14)
	VPADDD 240(AX), X6, X0
	SHA256RNDS2 X0, X1, X2
	VPADDD 240(AX), X13, X0
	SHA256RNDS2 X0, X8, X9

	LAST(X2, DX)
	CMPL DX, R9
	JLS done
	LAST(X9, DX)
	CMPL DX, R9
	JLS second
	ADDL $2, CX
	ADDL $2, R10
	DECL R8
	JNZ pair
	JMP done

second:
	INCL R10

done:
	MOVL R10, passed+24(FP)
	RET
