// Devices without operators: memory of a limited capacity, the current device, streams that have always finished, and the
// hooks by which the rest of torch asks for CUDA.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <c10/util/Exception.h>
#include <torch/version.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "devices.h"
#include "simulated_cuda.h"

namespace simulated {

Counters counters;

namespace {

constexpr size_t alignment = 64;
constexpr int most_devices = 8;

int device_count = 0;
thread_local c10::DeviceIndex current = 0;
std::atomic<int64_t> capacity{int64_t{16} << 30};
std::atomic<int64_t> held[most_devices], peak[most_devices];

// As libtorch writes it: two decimals of the largest unit that fits.
std::string size_text(int64_t bytes) {
    const char* const units[] = {"bytes", "KiB", "MiB", "GiB"};
    int unit = 0;
    auto size = static_cast<double>(bytes);
    for (; unit < 3 && size >= 1024; unit++) size /= 1024;
    char text[64];
    std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.2f %s", size, units[unit]);
    return text;
}

// Bytes of a device's memory, given back when this goes.
struct Reservation {
    Reservation(size_t wanted, c10::DeviceIndex on) : bytes(static_cast<int64_t>(wanted)), device(on) {
        const int64_t before = held[device].fetch_add(bytes);
        if (before + bytes > capacity) {
            held[device] -= bytes;
            const int64_t free = std::max<int64_t>(0, capacity - before);
            TORCH_CHECK_WITH(OutOfMemoryError, false, "CUDA out of memory. Tried to allocate ", size_text(bytes), " (GPU ",
                             static_cast<int>(device), "; ", size_text(capacity), " total capacity; ", size_text(before),
                             " already allocated; ", size_text(free), " free; ", size_text(before),
                             " reserved in total by PyTorch)");
        }
        int64_t seen = peak[device];
        while (before + bytes > seen && !peak[device].compare_exchange_weak(seen, before + bytes)) {
        }
    }
    ~Reservation() { held[device] -= bytes; }
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;

    const int64_t bytes;
    const c10::DeviceIndex device;
};

// Memory of a device: its own, or that of a CPU storage which it keeps alive.
struct Block {
    Block(size_t bytes, c10::DeviceIndex device) : reservation(bytes, device) {}
    ~Block() { std::free(own); }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;

    Reservation reservation;
    void* own = nullptr;
    c10::Storage kept;
};

void free_block(void* block) { delete static_cast<Block*>(block); }

struct DeviceAllocator final : c10::Allocator {
    explicit DeviceAllocator(c10::Device on) : device(on) {}

#if TORCH_VERSION_MAJOR >= 2
    c10::DataPtr allocate(size_t bytes) override { return take(bytes); }
    void copy_data(void* to, const void* from, size_t bytes) const override { std::memcpy(to, from, bytes); }
#else
    c10::DataPtr allocate(size_t bytes) const override { return take(bytes); }
#endif
    c10::DeleterFnPtr raw_deleter() const override { return nullptr; }

    c10::DataPtr take(size_t bytes) const {
        if (bytes == 0) return {nullptr, device};
        auto block = std::make_unique<Block>(bytes, device.index());
        block->own = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
        TORCH_CHECK(block->own != nullptr, "the host has no memory for the ", size_text(static_cast<int64_t>(bytes)),
                    " that the simulated CUDA device was asked for");
        void* const data = block->own;
        return {data, block.release(), &free_block, device};
    }

    const c10::Device device;
};

std::vector<std::unique_ptr<DeviceAllocator>> allocators;
std::vector<at::Generator> generators;

c10::Stream only_stream(c10::Device device) { return c10::Stream(c10::Stream::DEFAULT, device); }

struct DeviceGuard final : c10::impl::DeviceGuardImplInterface {
    c10::DeviceType type() const override { return c10::DeviceType::CUDA; }
    c10::Device exchangeDevice(c10::Device device) const override {
        const c10::Device old = getDevice();
        setDevice(device);
        return old;
    }
    c10::Device getDevice() const override { return current_device(); }
    void setDevice(c10::Device device) const override {
        TORCH_CHECK(device.is_cuda() && device.index() < device_count, "CUDA error: invalid device ordinal");
        if (device.index() >= 0) current = device.index();
    }
    void uncheckedSetDevice(c10::Device device) const noexcept override {
        if (device.index() >= 0) current = device.index();
    }
    c10::Stream getStream(c10::Device device) const noexcept override { return only_stream(device); }
    c10::Stream getDefaultStream(c10::Device device) const override { return only_stream(device); }
    c10::Stream exchangeStream(c10::Stream stream) const noexcept override { return only_stream(stream.device()); }
    c10::DeviceIndex deviceCount() const noexcept override { return static_cast<c10::DeviceIndex>(device_count); }
    void record(void**, const c10::Stream&, const c10::DeviceIndex, const c10::EventFlag) const override {}
    void block(void*, const c10::Stream&) const override {}
    bool queryEvent(void*) const override { return true; }
    bool queryStream(const c10::Stream&) const override { return true; }
    void synchronizeStream(const c10::Stream&) const override { counters.waits++; }
};

#if TORCH_VERSION_MAJOR >= 2
using HookIndex = c10::DeviceIndex;
#else
using HookIndex = int64_t;
#endif

struct Hooks final : at::CUDAHooksInterface {
    explicit Hooks(at::CUDAHooksArgs) {}
#if TORCH_VERSION_MAJOR >= 2
    void init() const override {}
    // Not virtual before, hence without `override`.
    bool isBuilt() const { return true; }
    bool isAvailable() const { return true; }
    c10::DeviceIndex deviceCount() const override { return static_cast<c10::DeviceIndex>(device_count); }
    c10::DeviceIndex getCurrentDevice() const override { return current; }
    const at::Generator& getDefaultGenerator(c10::DeviceIndex device) const override { return generator_of(device); }
#else
    void initCUDA() const override {}
    const at::Generator& getDefaultCUDAGenerator(c10::DeviceIndex device) const override { return generator_of(device); }
#endif
    bool hasCUDA() const override { return true; }
    bool hasPrimaryContext(HookIndex) const override { return true; }
    HookIndex current_device() const override { return current; }
    int getNumGPUs() const override { return device_count; }
    at::Allocator* getCUDADeviceAllocator() const override { return allocator_of(simulated::current_device()); }
    void deviceSynchronize(HookIndex) const override { counters.waits++; }
};

} // namespace

c10::Device current_device() { return {c10::DeviceType::CUDA, current}; }

c10::Allocator* allocator_of(c10::Device device) {
    const c10::DeviceIndex index = device.has_index() ? device.index() : current;
    TORCH_CHECK(index < device_count, "CUDA error: invalid device ordinal");
    return allocators[static_cast<size_t>(index)].get();
}

const at::Generator& generator_of(c10::DeviceIndex device) {
    if (device < 0) device = current;
    TORCH_CHECK(device < device_count, "CUDA error: invalid device ordinal");
    return generators[static_cast<size_t>(device)];
}

c10::DataPtr take_over(const c10::Storage& storage, c10::Device device) {
    auto block = std::make_unique<Block>(storage.nbytes(), device.index());
    block->kept = storage;
    void* const data = storage.data_ptr().get();
    return {data, block.release(), &free_block, device};
}

void install_devices(int devices) {
    TORCH_CHECK(device_count == 0, "the simulated CUDA devices are there already");
    TORCH_CHECK(devices >= 1 && devices <= most_devices, "there can be 1 to ", most_devices, " simulated CUDA devices, not ",
                devices);
    TORCH_CHECK(!at::CUDAHooksRegistry()->Has("CUDAHooks"), "this libtorch has CUDA; only one without can be given a simulated device");
    for (int i = 0; i < devices; i++) {
        allocators.push_back(std::make_unique<DeviceAllocator>(c10::Device(c10::DeviceType::CUDA, static_cast<c10::DeviceIndex>(i))));
        generators.push_back(at::detail::createCPUGenerator());
    }
    device_count = devices;
    static DeviceGuard guard;
    c10::impl::DeviceGuardImplRegistrar(c10::DeviceType::CUDA, &guard);
    at::CUDAHooksRegistry()->Register("CUDAHooks", [](at::CUDAHooksArgs arguments) {
        return std::unique_ptr<at::CUDAHooksInterface>(new Hooks(arguments));
    });
    TORCH_CHECK(at::detail::getCUDAHooks().hasCUDA(), "torch was asked for CUDA before the simulated devices were there");
}

} // namespace simulated

namespace {
std::string last_error;
}

int sc_install(int devices) {
    try {
        simulated::install_devices(devices);
        simulated::install_operators();
        return 0;
    } catch (const c10::Error& error) {
        last_error = error.what_without_backtrace();
    } catch (const std::exception& error) {
        last_error = error.what();
    }
    return 1;
}

void sc_read_counters(sc_counters* out) {
    const auto& all = simulated::counters;
    *out = {all.launches, all.reads, all.writes, all.waits};
}

int64_t sc_capacity() { return simulated::capacity; }

void sc_set_capacity(int64_t bytes) { simulated::capacity = bytes; }
int64_t sc_held(int device) { return simulated::held[device]; }
int64_t sc_peak(int device) { return simulated::peak[device]; }
void sc_reset_peak(int device) { simulated::peak[device] = simulated::held[device].load(); }

const char* sc_error() { return last_error.c_str(); }
