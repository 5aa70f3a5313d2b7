package nvml

// The layouts below are those of nvml.h, which NVIDIA keeps stable:
// https://docs.nvidia.com/deploy/nvml-api/

// pciInfo is nvmlPciInfo_t. The one of version 2 is the same up to pciDeviceID and
// shorter.
type pciInfo struct {
	_                     [16]byte // the address in the old, short form
	domain, bus, device   uint32
	pciDeviceID, pciSubID uint32   // the device in the upper half, its vendor in the lower
	_                     [32]byte // the address in the long form
}

// memoryInfo is nvmlMemory_t, in bytes.
type memoryInfo struct{ total, free, used uint64 }

// fieldValue is nvmlFieldValue_t.
type fieldValue struct {
	field, scope uint32
	_, _         int64 // when, and how long it took
	kind         uint32
	result       int32
	value        uint64
}

// functions are all that is ever looked up.
var functions = []string{
	"nvmlInit_v2", "nvmlInit", "nvmlShutdown",
	"nvmlSystemGetDriverVersion", "nvmlSystemGetCudaDriverVersion_v2", "nvmlSystemGetCudaDriverVersion",
	"nvmlDeviceGetCount_v2", "nvmlDeviceGetCount", "nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex",
	"nvmlDeviceGetPciInfo_v3", "nvmlDeviceGetPciInfo_v2", "nvmlDeviceGetName", "nvmlDeviceGetUUID", "nvmlDeviceGetMemoryInfo",
	"nvmlDeviceGetCudaComputeCapability", "nvmlDeviceGetMigMode", "nvmlDeviceGetVirtualizationMode",
	"nvmlDeviceGetTemperature", "nvmlDeviceGetFieldValues", "nvmlDeviceGetFanSpeed", "nvmlDeviceGetPowerUsage",
	"nvmlDeviceGetEnforcedPowerLimit", "nvmlDeviceGetUtilizationRates",
}
