/* Stands in for NVIDIA's management library in tests: two cards, one of them
   without a fan and without a sensor for its memory. Compiled with one of
     OLD       a driver of 2014: no newer function, no memory sensor
     NODRIVER  the kernel's part is missing
     MISMATCH  the driver was updated, the computer not started again
     LOST      the second card has fallen off the bus
     FAILING   every reading ends with an error
     NONSENSE  every reading succeeds with a value that cannot be
     MIG       the cards are cut into instances; the second is a slice itself */
#include <stdio.h>
#include <string.h>

typedef int ret;
typedef struct { int index; } *device;
typedef struct { char legacy[16]; unsigned domain, bus, dev, id, sub; char bus_id[32]; } pci;
typedef struct { unsigned long long total, free, used; } memory;
typedef struct { unsigned field, scope; long long when, took; unsigned kind; ret result; unsigned long long value; } field;

static struct { int index; } cards[2] = {{0}, {1}};

#ifdef FAILING
#define READING(set) return 999
#else
#define READING(set) do { set; return 0; } while (0)
#endif
#ifdef NONSENSE
#define VALUE(v) 4294967295u
#else
#define VALUE(v) (v)
#endif

#ifdef OLD
#define NEWER(name) name
#else
#define NEWER(name) name##_v2
#endif

ret NEWER(nvmlInit)(void) {
#if defined NODRIVER
	return 9;
#elif defined MISMATCH
	return 18;
#else
	return 0;
#endif
}
ret nvmlShutdown(void) { return 0; }
ret nvmlSystemGetDriverVersion(char *s, unsigned n) { snprintf(s, n, "550.54.14"); return 0; }
ret NEWER(nvmlDeviceGetCount)(unsigned *n) { *n = 2; return 0; }
ret NEWER(nvmlDeviceGetHandleByIndex)(unsigned i, device *d) {
#ifdef LOST
	if (i == 1) return 15;
#endif
	*d = (device)&cards[i];
	return i < 2 ? 0 : 2;
}
ret nvmlDeviceGetName(device d, char *s, unsigned n) { snprintf(s, n, d->index ? "NVIDIA GeForce GTX 1650" : "NVIDIA GeForce RTX 3080"); return 0; }
ret nvmlDeviceGetUUID(device d, char *s, unsigned n) { snprintf(s, n, "GPU-%08d-0000-0000-0000-000000000000", d->index); return 0; }
ret nvmlDeviceGetMemoryInfo(device d, memory *m) { m->total = d->index ? 4ull << 30 : 10ull << 30; m->used = 1ull << 30; m->free = m->total - m->used; return 0; }
ret nvmlDeviceGetTemperature(device d, unsigned sensor, unsigned *t) { if (sensor) return 2; READING(*t = VALUE(d->index ? 41 : 62)); }
ret nvmlDeviceGetFanSpeed(device d, unsigned *p) { if (d->index) return 3; READING(*p = VALUE(45)); }
ret nvmlDeviceGetPowerUsage(device d, unsigned *mw) { READING(*mw = VALUE(d->index ? 20500 : 219750)); }
ret nvmlDeviceGetEnforcedPowerLimit(device d, unsigned *mw) { READING(*mw = VALUE(d->index ? 75000 : 320000)); }
ret nvmlDeviceGetUtilizationRates(device d, unsigned *both) { READING(both[0] = VALUE(d->index ? 0 : 97); both[1] = 5); }

#ifdef OLD
ret nvmlDeviceGetPciInfo_v2(device d, pci *p) { memset(p, 0, 52); p->bus = d->index ? 10 : 1; p->id = d->index ? 0x1f8210de : 0x220610de; return 0; }
#else
ret nvmlDeviceGetPciInfo_v3(device d, pci *p) { memset(p, 0, sizeof *p); p->bus = d->index ? 10 : 1; p->id = d->index ? 0x1f8210de : 0x220610de; return 0; }
ret nvmlSystemGetCudaDriverVersion_v2(int *v) { *v = 12040; return 0; }
ret nvmlDeviceGetCudaComputeCapability(device d, int *major, int *minor) { *major = d->index ? 7 : 8; *minor = d->index ? 5 : 6; return 0; }
ret nvmlDeviceGetFieldValues(device d, int n, field *f) {
	for (int i = 0; i < n; i++) {
		f[i].result = d->index || f[i].field != 82 ? 3 : 0;
		f[i].kind = 1;
		f[i].value = VALUE(84);
	}
	READING((void)0);
}
#ifdef MIG
ret nvmlDeviceGetMigMode(device d, unsigned *now, unsigned *later) { *now = *later = d->index == 0; return 0; }
ret nvmlDeviceGetVirtualizationMode(device d, unsigned *mode) { *mode = d->index ? 2 : 0; return 0; }
#else
ret nvmlDeviceGetMigMode(device d, unsigned *now, unsigned *later) { return 3; }
ret nvmlDeviceGetVirtualizationMode(device d, unsigned *mode) { *mode = 0; return 0; }
#endif
#endif
