/* The one function of Windows' bcryptprimitives.dll that Go programs call, for wine
 * before 9, which has no such file. Only tests use it: it is put into the folder of a
 * wine that they set up. */
#include <windows.h>
#define SystemFunction036 NTAPI SystemFunction036 /* ntsecapi.h forgets how it is called */
#include <ntsecapi.h>
#undef SystemFunction036

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length)
{
	return RtlGenRandom(data, (ULONG)length);
}
