#include "textflag.h"

// scrypt's ROMix for N=1024, r=1, of one lane in XMM registers and of six in YMM
// registers, two to each. What state and memory are, scrypt_amd64.go says.
//
// Salsa20 (https://cr.yp.to/snuffle/spec.pdf) works on a square of 16 words. Held by
// its diagonals, one to a register, a column round is the same step on all four
// words of a register, and turning three of the registers makes columns of the
// square's rows, so that no word ever leaves its register.
//
// The steps of one chain wait for each other; six lanes are three chains, about what
// it takes to keep the vector units busy, and all that the registers hold. Their
// 768 KiB need not fit into a cache near the core: the other chains hide the wait.

// STEP is b ^= (a+d) <<< left. The temporaries are the same for all chains: the
// processor renames them.
#define STEP(d, a, b, t, u, left, right) \
	VPADDD d, a, t;      \
	VPSLLD $left, t, u;  \
	VPSRLD $right, t, t; \
	VPXOR u, b, b;       \
	VPXOR t, b, b

// TURN makes columns of the rows or, with b and d exchanged, rows of the columns.
#define TURN(b, c, d) \
	VPSHUFD $0x93, b, b; \
	VPSHUFD $0x4e, c, c; \
	VPSHUFD $0x39, d, d

#define ROUND1(a, b, c, d) \
	STEP(d, a, b, X4, X5, 7, 25);  \
	STEP(a, b, c, X4, X5, 9, 23);  \
	STEP(b, c, d, X4, X5, 13, 19); \
	STEP(c, d, a, X4, X5, 18, 14)

#define DOUBLE1 \
	ROUND1(X0, X1, X2, X3); \
	TURN(X1, X2, X3);       \
	ROUND1(X0, X3, X2, X1); \
	TURN(X3, X2, X1)

#define SALSA1 DOUBLE1; DOUBLE1; DOUBLE1; DOUBLE1

#define STEP3(d0, a0, b0, d1, a1, b1, d2, a2, b2, left, right) \
	STEP(d0, a0, b0, Y12, Y13, left, right); \
	STEP(d1, a1, b1, Y12, Y13, left, right); \
	STEP(d2, a2, b2, Y12, Y13, left, right)

#define ROUND3(a0, b0, c0, d0, a1, b1, c1, d1, a2, b2, c2, d2) \
	STEP3(d0, a0, b0, d1, a1, b1, d2, a2, b2, 7, 25);  \
	STEP3(a0, b0, c0, a1, b1, c1, a2, b2, c2, 9, 23);  \
	STEP3(b0, c0, d0, b1, c1, d1, b2, c2, d2, 13, 19); \
	STEP3(c0, d0, a0, c1, d1, a1, c2, d2, a2, 18, 14)

#define DOUBLE3 \
	ROUND3(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11); \
	TURN(Y1, Y2, Y3); TURN(Y5, Y6, Y7); TURN(Y9, Y10, Y11);   \
	ROUND3(Y0, Y3, Y2, Y1, Y4, Y7, Y6, Y5, Y8, Y11, Y10, Y9); \
	TURN(Y3, Y2, Y1); TURN(Y7, Y6, Y5); TURN(Y11, Y10, Y9)

#define SALSA3 DOUBLE3; DOUBLE3; DOUBLE3; DOUBLE3

// XORIN, ADDIN and KEEP combine four registers with, or write them to, four rows of
// size bytes at offset at of the state.
#define XORIN(a, b, c, d, at, size) \
	VPXOR (at)(DI), a, a;        \
	VPXOR (at+size)(DI), b, b;   \
	VPXOR (at+2*size)(DI), c, c; \
	VPXOR (at+3*size)(DI), d, d

#define ADDIN(a, b, c, d, at, size) \
	VPADDD (at)(DI), a, a;        \
	VPADDD (at+size)(DI), b, b;   \
	VPADDD (at+2*size)(DI), c, c; \
	VPADDD (at+3*size)(DI), d, d

#define KEEP(a, b, c, d, at, size) \
	VMOVDQU a, (at)(DI);        \
	VMOVDQU b, (at+size)(DI);   \
	VMOVDQU c, (at+2*size)(DI); \
	VMOVDQU d, (at+3*size)(DI)

// MIX1 is BlockMix of one lane, whose second half is in the registers and in the
// state, and whose first half, XORed with it, is in the registers already.
#define MIX1 \
	KEEP(X0, X1, X2, X3, 0, 16);   \
	SALSA1;                        \
	ADDIN(X0, X1, X2, X3, 0, 16);  \
	KEEP(X0, X1, X2, X3, 0, 16);   \
	XORIN(X0, X1, X2, X3, 64, 16); \
	KEEP(X0, X1, X2, X3, 64, 16);  \
	SALSA1;                        \
	ADDIN(X0, X1, X2, X3, 64, 16); \
	KEEP(X0, X1, X2, X3, 64, 16)

#define ALL(what, at) \
	what(Y0, Y1, Y2, Y3, at, 32);     \
	what(Y4, Y5, Y6, Y7, 256+at, 32); \
	what(Y8, Y9, Y10, Y11, 512+at, 32)

// MIX3 is the same for six lanes, but leaves the second half in the registers only.
// It is XORed as SECOND says, from where it was before.
#define MIX3(SECOND) \
	ALL(KEEP, 0);    \
	SALSA3;          \
	ALL(ADDIN, 0);   \
	ALL(KEEP, 0);    \
	SECOND;          \
	ALL(KEEP, 128);  \
	SALSA3;          \
	ALL(ADDIN, 128)

// func mixOne(state *[8][4]uint32, memory *[1024]lane)
TEXT ·mixOne(SB), NOSPLIT, $0-16
	MOVQ state+0(FP), DI
	MOVQ memory+8(FP), SI
	MOVQ SI, R8
	LEAQ 131072(SI), R9
	VMOVDQU 64(DI), X0
	VMOVDQU 80(DI), X1
	VMOVDQU 96(DI), X2
	VMOVDQU 112(DI), X3

fill:
	VMOVDQU X0, 64(R8)
	VMOVDQU X1, 80(R8)
	VMOVDQU X2, 96(R8)
	VMOVDQU X3, 112(R8)
	VMOVDQU (DI), X6
	VMOVDQU 16(DI), X7
	VMOVDQU 32(DI), X8
	VMOVDQU 48(DI), X9
	VMOVDQU X6, (R8)
	VMOVDQU X7, 16(R8)
	VMOVDQU X8, 32(R8)
	VMOVDQU X9, 48(R8)
	VPXOR X6, X0, X0
	VPXOR X7, X1, X1
	VPXOR X8, X2, X2
	VPXOR X9, X3, X3
	MIX1
	ADDQ $128, R8
	CMPQ R8, R9
	JNE fill

	MOVL $1024, CX

look:
	VMOVD X0, AX
	ANDL $1023, AX
	SHLL $7, AX
	ADDQ SI, AX
	VPXOR 64(AX), X0, X0
	VPXOR 80(AX), X1, X1
	VPXOR 96(AX), X2, X2
	VPXOR 112(AX), X3, X3
	KEEP(X0, X1, X2, X3, 64, 16)
	XORIN(X0, X1, X2, X3, 0, 16)
	VPXOR (AX), X0, X0
	VPXOR 16(AX), X1, X1
	VPXOR 32(AX), X2, X2
	VPXOR 48(AX), X3, X3
	MIX1
	DECL CX
	JNZ look
	VZEROUPPER
	RET

// REMEMBER writes the two halves of a pair of lanes, from the state and from registers,
// to where offset p of the memory is, and XORs the first into the second.
#define REMEMBER(at, p, a, b, c, d) \
	VMOVDQU a, (p+128)(R8);     \
	VMOVDQU b, (p+160)(R8);     \
	VMOVDQU c, (p+192)(R8);     \
	VMOVDQU d, (p+224)(R8);     \
	VMOVDQU (at)(DI), Y12;      \
	VMOVDQU (at+32)(DI), Y13;   \
	VMOVDQU (at+64)(DI), Y14;   \
	VMOVDQU (at+96)(DI), Y15;   \
	VMOVDQU Y12, (p)(R8);       \
	VMOVDQU Y13, (p+32)(R8);    \
	VMOVDQU Y14, (p+64)(R8);    \
	VMOVDQU Y15, (p+96)(R8);    \
	VPXOR Y12, a, a;            \
	VPXOR Y13, b, b;            \
	VPXOR Y14, c, c;            \
	VPXOR Y15, d, d

// RECALL XORs the second half that was just remembered into the registers.
#define RECALL(p, a, b, c, d) \
	VPXOR (p+128)(R8), a, a; \
	VPXOR (p+160)(R8), b, b; \
	VPXOR (p+192)(R8), c, c; \
	VPXOR (p+224)(R8), d, d

#define RECALL3 \
	RECALL(0, Y0, Y1, Y2, Y3);      \
	RECALL(262144, Y4, Y5, Y6, Y7); \
	RECALL(524288, Y8, Y9, Y10, Y11)

// FIND sets p and q to where the two lanes of a pair, at offset first of the memory,
// remember the blocks that they ask for by the first word of their second halves.
#define FIND(first, y, x, p, q) \
	VEXTRACTI128 $1, y, X12; \
	VMOVD x, p;              \
	VMOVD X12, q;            \
	ANDL $1023, p;           \
	ANDL $1023, q;           \
	SHLL $8, p;              \
	SHLL $8, q;              \
	LEAQ first(SI)(p*1), p;  \
	LEAQ (first+16)(SI)(q*1), q

// GATHER XORs four rows of what is remembered at p and q into the registers.
#define GATHER(p, q, row, a, b, c, d) \
	VMOVDQU row(p), X12;                   \
	VMOVDQU (row+32)(p), X13;              \
	VMOVDQU (row+64)(p), X14;              \
	VMOVDQU (row+96)(p), X15;              \
	VINSERTI128 $1, row(q), Y12, Y12;      \
	VINSERTI128 $1, (row+32)(q), Y13, Y13; \
	VINSERTI128 $1, (row+64)(q), Y14, Y14; \
	VINSERTI128 $1, (row+96)(q), Y15, Y15; \
	VPXOR Y12, a, a;                       \
	VPXOR Y13, b, b;                       \
	VPXOR Y14, c, c;                       \
	VPXOR Y15, d, d

#define LOOK(p, q, at, a, b, c, d) \
	GATHER(p, q, 128, a, b, c, d); \
	KEEP(a, b, c, d, at+128, 32);  \
	XORIN(a, b, c, d, at, 32);     \
	GATHER(p, q, 0, a, b, c, d)

// func mixSix(state *[3]pair, memory *[3][1024]pair)
TEXT ·mixSix(SB), NOSPLIT, $0-16
	MOVQ state+0(FP), DI
	MOVQ memory+8(FP), SI
	MOVQ SI, R8
	LEAQ 262144(SI), R9
	VMOVDQU 128(DI), Y0
	VMOVDQU 160(DI), Y1
	VMOVDQU 192(DI), Y2
	VMOVDQU 224(DI), Y3
	VMOVDQU 384(DI), Y4
	VMOVDQU 416(DI), Y5
	VMOVDQU 448(DI), Y6
	VMOVDQU 480(DI), Y7
	VMOVDQU 640(DI), Y8
	VMOVDQU 672(DI), Y9
	VMOVDQU 704(DI), Y10
	VMOVDQU 736(DI), Y11

fill:
	REMEMBER(0, 0, Y0, Y1, Y2, Y3)
	REMEMBER(256, 262144, Y4, Y5, Y6, Y7)
	REMEMBER(512, 524288, Y8, Y9, Y10, Y11)
	MIX3(RECALL3)
	ADDQ $256, R8
	CMPQ R8, R9
	JNE fill

	MOVL $1024, CX

look:
	FIND(0, Y0, X0, AX, BX)
	FIND(262144, Y4, X4, R8, R9)
	FIND(524288, Y8, X8, R10, R11)
	LOOK(AX, BX, 0, Y0, Y1, Y2, Y3)
	LOOK(R8, R9, 256, Y4, Y5, Y6, Y7)
	LOOK(R10, R11, 512, Y8, Y9, Y10, Y11)
	MIX3(ALL(XORIN, 128))
	DECL CX
	JNZ look
	ALL(KEEP, 128)
	VZEROUPPER
	RET
