// Operators on simulated devices: the CPU's kernels over the devices' memory, under the rules of CUDA.
#include <ATen/EmptyTensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/library.h>

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "devices.h"

namespace simulated {
namespace {

using torch::jit::Stack;
using Names = std::unordered_set<std::string>;

// Operators that take a CPU scalar tensor beside CUDA tensors, besides the element-wise ones that come here as `out` variants:
// libtorch has checked those by then.
const Names takes_scalar = {
    "aten::fill_", "aten::masked_fill_", "aten::index_fill_", "aten::index_put_", "aten::_index_put_impl_", "aten::floor_divide",
    "aten::floor_divide_", "aten::rsub"};

// Operators whose indices may be on the CPU.
const Names takes_indices = {"aten::index", "aten::index_put_", "aten::_index_put_impl_"};

// Operators that wait for the GPU because the shape of their result, or their success, depends on numbers there.
const Names waits_for_numbers = {
    "aten::nonzero", "aten::masked_select", "aten::_unique2", "aten::unique_dim", "aten::unique_consecutive", "aten::equal",
    "aten::bincount", "aten::repeat_interleave", "aten::_linalg_svd", "aten::_linalg_eigh", "aten::linalg_eig", "aten::linalg_lstsq"};

const c10::DispatchKeySet cpu_key(c10::DispatchKey::CPU);
const c10::DispatchKeySet cuda_key(c10::DispatchKey::CUDA);

at::Tensor view_of(const c10::Storage& storage, c10::DispatchKeySet key, const at::Tensor& like) {
    auto view = at::detail::make_tensor<c10::TensorImpl>(c10::Storage(storage), key, like.dtype());
    view.unsafeGetTensorImpl()->set_sizes_and_strides(like.sizes(), like.strides());
    view.unsafeGetTensorImpl()->set_storage_offset(like.storage_offset());
    return view;
}

bool same_geometry(const at::Tensor& a, const at::Tensor& b) {
    return a.sizes() == b.sizes() && a.strides() == b.strides() && a.storage_offset() == b.storage_offset();
}

// The CPU's views of one call's CUDA tensors, and the way back.
class HostViews {
  public:
    at::Tensor to_host(const at::Tensor& tensor) {
        const auto found = std::find_if(_tensors.begin(), _tensors.end(), [&](const auto& pair) { return pair.first.is_same(tensor); });
        if (found != _tensors.end()) return found->second;
        at::Tensor host = view_of(storage(tensor.storage()), cpu_key, tensor);
        if (tensor.unsafeGetTensorImpl()->is_wrapped_number()) host.unsafeGetTensorImpl()->set_wrapped_number(true);
        _tensors.emplace_back(tensor, host);
        return host;
    }

    // A tensor that was given comes back as itself, a view of one as a view, what is new as a new tensor of the device.
    at::Tensor to_device(const at::Tensor& host, c10::Device device) const {
        if (!host.defined()) return host;
        for (const auto& pair : _tensors) {
            if (pair.second.is_same(host)) return pair.first;
        }
        for (const auto& pair : _storages) {
            if (pair.second.is_alias_of(host.storage())) return view_of(pair.first, cuda_key, host);
        }
        const c10::Storage taken(c10::Storage::use_byte_size_t(), host.storage().nbytes(), take_over(host.storage(), device),
                                 allocator_of(device), true);
        return view_of(taken, cuda_key, host);
    }

    // What the kernel changed of the tensors themselves: their geometry, and their memory where it needed more.
    void keep_changes(c10::Device device) const {
        for (const auto& pair : _storages) {
            if (pair.first.data_ptr().get() == pair.second.data_ptr().get()) continue;
            pair.first.unsafeGetStorageImpl()->set_data_ptr_noswap(take_over(pair.second, device));
            pair.first.unsafeGetStorageImpl()->set_nbytes(pair.second.nbytes());
        }
        for (const auto& pair : _tensors) {
            if (same_geometry(pair.first, pair.second)) continue;
            auto* const impl = pair.first.unsafeGetTensorImpl();
            impl->set_sizes_and_strides(pair.second.sizes(), pair.second.strides());
            impl->set_storage_offset(pair.second.storage_offset());
        }
    }

  private:
    // One CPU storage for one of the device, so that libtorch goes on seeing which arguments overlap.
    const c10::Storage& storage(const c10::Storage& mine) {
        for (const auto& pair : _storages) {
            if (pair.first.is_alias_of(mine)) return pair.second;
        }
        auto* const keep = new c10::Storage(mine);
        c10::DataPtr data(mine.data_ptr().get(), keep, [](void* kept) { delete static_cast<c10::Storage*>(kept); },
                          c10::Device(c10::DeviceType::CPU));
        _storages.emplace_back(mine, c10::Storage(c10::Storage::use_byte_size_t(), mine.nbytes(), std::move(data),
                                                  c10::GetAllocator(c10::DeviceType::CPU), true));
        return _storages.back().second;
    }

    std::vector<std::pair<at::Tensor, at::Tensor>> _tensors;
    std::vector<std::pair<c10::Storage, c10::Storage>> _storages;
};

// Every tensor of the arguments, lists included, through `change`, which may replace it.
template <typename Change>
void for_each_tensor(Stack& stack, const c10::OperatorHandle& op, Change change) {
    const auto& arguments = op.schema().arguments();
    const size_t first = stack.size() - arguments.size();
    for (size_t i = 0; i < arguments.size(); i++) {
        c10::IValue& value = stack[first + i];
        if (value.isTensor()) {
            at::Tensor tensor = value.toTensor();
            if (tensor.defined() && change(tensor, arguments[i], false)) value = std::move(tensor);
        } else if (value.isTensorList()) {
            std::vector<at::Tensor> tensors = value.toTensorVector();
            bool changed = false;
            for (auto& tensor : tensors) changed |= tensor.defined() && change(tensor, arguments[i], true);
            if (changed) value = c10::IValue(std::move(tensors));
        } else if (value.isOptionalTensorList()) {
            auto tensors = value.toOptionalTensorList().copy();
            bool changed = false;
            for (size_t k = 0; k < tensors.size(); k++) {
                auto one = tensors.get(k);
                if (!one.has_value() || !one->defined()) continue;
                at::Tensor tensor = *one;
                if (!change(tensor, arguments[i], true)) continue;
                tensors.set(k, tensor);
                changed = true;
            }
            if (changed) value = c10::IValue(std::move(tensors));
        }
    }
}

bool is_written(const c10::Argument& argument) { return argument.alias_info() != nullptr && argument.alias_info()->isWrite(); }

// The device that an operator runs on; throws where its arguments are on several.
c10::Device device_of(const c10::OperatorHandle& op, Stack& stack) {
    const std::string& name = op.schema().name();
    const bool checked = op.schema().overload_name().find("out") != std::string::npos;
    c10::Device device(c10::DeviceType::CPU);
    for (const c10::IValue& value : torch::jit::last(stack, op.schema().arguments().size())) {
        if (value.isDevice() && value.toDevice().is_cuda()) device = value.toDevice();
    }
    if (device.is_cuda() && !device.has_index()) device = current_device();
    for_each_tensor(stack, op, [&](at::Tensor& tensor, const c10::Argument&, bool) {
        if (device.is_cpu() && tensor.is_cuda()) device = tensor.device();
        return false;
    });
    for_each_tensor(stack, op, [&](at::Tensor& tensor, const c10::Argument& argument, bool listed) {
        if (tensor.device() == device) return false;
        const bool scalar = tensor.device().is_cpu() && tensor.dim() == 0 && !is_written(argument)
            && (tensor.unsafeGetTensorImpl()->is_wrapped_number() || checked || takes_scalar.count(name) > 0);
        const bool index = listed && tensor.device().is_cpu() && takes_indices.count(name) > 0;
        TORCH_CHECK(scalar || index, "Expected all tensors to be on the same device, but found at least two devices, ", device,
                    " and ", tensor.device(), "! (when checking argument for argument ", argument.name(), " in method ", name, ")");
        return false;
    });
    return device;
}

// Whether a GPU would have to be waited for, so that the operator can go on.
bool reads_back(const c10::OperatorHandle& op, Stack& stack) {
    const std::string& name = op.schema().name();
    if (waits_for_numbers.count(name) > 0) return true;
    bool reads = false;
    for_each_tensor(stack, op, [&](at::Tensor& tensor, const c10::Argument& argument, bool listed) {
        // A mask becomes indices first (`index` itself calls nonzero for that); the number to fill with is fetched.
        reads |= tensor.is_cuda() && listed && name == "aten::_index_put_impl_" && tensor.scalar_type() == at::kBool;
        reads |= tensor.is_cuda() && name == "aten::masked_fill_" && argument.name() == "value";
        return false;
    });
    return reads;
}

// The rest of the arguments: names of devices, and random numbers from the device's own generator.
void to_host_options(const c10::OperatorHandle& op, Stack& stack, c10::Device device) {
    const auto& arguments = op.schema().arguments();
    const size_t first = stack.size() - arguments.size();
    for (size_t i = 0; i < arguments.size(); i++) {
        c10::IValue& value = stack[first + i];
        if (value.isDevice()) value = c10::Device(c10::DeviceType::CPU);
        if (arguments[i].name() != "generator") continue;
        if (value.isNone()) {
            value = c10::IValue(generator_of(device.index()));
        } else {
            TORCH_CHECK(value.toGenerator() == generator_of(device.index()),
                        "Expected a 'cuda' device type for generator but found 'cpu'");
        }
    }
}

void compute(const c10::OperatorHandle& op, Stack* stack) {
    const c10::Device device = device_of(op, *stack);
    counters.launches++;
    if (reads_back(op, *stack)) counters.reads++;
    HostViews views;
    for_each_tensor(*stack, op, [&](at::Tensor& tensor, const c10::Argument&, bool) {
        if (!tensor.is_cuda()) return false;
        tensor = views.to_host(tensor);
        return true;
    });
    to_host_options(op, *stack, device);
    op.redispatchBoxed(cpu_key, stack);
    views.keep_changes(device);
    const size_t results = op.schema().returns().size();
    for (size_t i = stack->size() - results; i < stack->size(); i++) {
        c10::IValue& value = (*stack)[i];
        if (value.isTensor()) {
            value = c10::IValue(views.to_device(value.toTensor(), device));
        } else if (value.isTensorList()) {
            std::vector<at::Tensor> tensors = value.toTensorVector();
            for (auto& tensor : tensors) tensor = views.to_device(tensor, device);
            value = c10::IValue(std::move(tensors));
        }
    }
}

// Operators that touch no numbers: the CPU's code does the same for memory of any device.
void on_metadata(const c10::OperatorHandle& op, Stack* stack) { op.redispatchBoxed(cpu_key, stack); }

at::Tensor& copy_(at::Tensor& self, const at::Tensor& source, bool non_blocking) {
    if (self.is_cuda() && source.is_cuda()) counters.launches++;
    else if (self.is_cuda()) counters.writes++;
    else counters.reads++;
    HostViews views;
    at::Tensor to = self.is_cuda() ? views.to_host(self) : self;
    to.copy_(source.is_cuda() ? views.to_host(source) : source, non_blocking);
    return self;
}

at::Scalar local_scalar_dense(const at::Tensor& self) {
    counters.reads++;
    return HostViews().to_host(self).item();
}

c10::Device chosen(c10::optional<c10::Device> device) {
    return device.has_value() && device->has_index() ? *device : current_device();
}

at::Tensor empty(at::IntArrayRef size, c10::optional<at::ScalarType> dtype, c10::optional<at::Layout>, c10::optional<c10::Device> device,
                 c10::optional<bool>, c10::optional<at::MemoryFormat> format) {
    return at::detail::empty_generic(size, allocator_of(chosen(device)), cuda_key, c10::dtype_or_default(dtype), format);
}

at::Tensor empty_strided(at::IntArrayRef size, at::IntArrayRef stride, c10::optional<at::ScalarType> dtype, c10::optional<at::Layout>,
                         c10::optional<c10::Device> device, c10::optional<bool>) {
    return at::detail::empty_strided_generic(size, stride, allocator_of(chosen(device)), cuda_key, c10::dtype_or_default(dtype));
}

} // namespace

void install_operators() {
    // Never destroyed: the process may end while a thread still computes.
    static auto* const all = new torch::Library(torch::Library::IMPL, "_", c10::DispatchKey::CUDA, __FILE__, __LINE__);
    all->fallback(torch::CppFunction::makeFromBoxedFunction<&compute>());
    static auto* const aten = new torch::Library(torch::Library::IMPL, "aten", c10::DispatchKey::CUDA, __FILE__, __LINE__);
    aten->impl("empty.memory_format", TORCH_FN(empty));
    aten->impl("empty_strided", TORCH_FN(empty_strided));
    aten->impl("copy_", TORCH_FN(copy_));
    aten->impl("_local_scalar_dense", TORCH_FN(local_scalar_dense));
    for (const char* const name : {"as_strided", "view", "_reshape_alias", "unfold", "resize_", "set_", "set_.source_Tensor",
                                   "set_.source_Storage", "set_.source_Storage_storage_offset"}) {
        aten->impl(name, torch::CppFunction::makeFromBoxedFunction<&on_metadata>());
    }
}

} // namespace simulated
