// Any operator of libtorch, called by name with boxed arguments: one function here, one line in C# for each operator.
#include <ATen/core/Generator.h>
#include <ATen/core/dispatch/Dispatcher.h>

#include <cstring>
#include <string>
#include <utility>

#include "common.h"

using namespace torchalign;

namespace {

// c10::optional in old versions, std::optional in new ones.
using OptionalTensors = std::decay_t<decltype(std::declval<const c10::IValue&>().toOptionalTensorList())>;

c10::IValue box(const ta_value& value) {
    void* const address = reinterpret_cast<void*>(value.bits);
    switch (value.tag) {
        case TA_NONE: return c10::IValue();
        case TA_TENSOR: return c10::IValue(borrow(address));
        case TA_DOUBLE: {
            double number;
            std::memcpy(&number, &value.bits, sizeof number);
            return c10::IValue(number);
        }
        case TA_INT: return c10::IValue(value.bits);
        case TA_BOOL: return c10::IValue(value.bits != 0);
        case TA_INTS: {
            const auto* numbers = static_cast<const int64_t*>(address);
            return c10::IValue(c10::IntArrayRef(numbers, static_cast<size_t>(value.count)));
        }
        case TA_DEVICE:
            return c10::IValue(c10::Device(static_cast<c10::DeviceType>(value.bits & 0xff),
                                           static_cast<c10::DeviceIndex>(value.bits >> 32)));
        case TA_TENSORS: {
            c10::List<at::Tensor> list;
            list.reserve(static_cast<size_t>(value.count));
            for (int i = 0; i < value.count; i++) list.push_back(borrow(static_cast<void**>(address)[i]));
            return c10::IValue(std::move(list));
        }
        case TA_OPTIONAL_TENSORS: {
            OptionalTensors list;
            list.reserve(static_cast<size_t>(value.count));
            for (int i = 0; i < value.count; i++) {
                void* const tensor = static_cast<void**>(address)[i];
                list.push_back(tensor != nullptr ? OptionalTensors::value_type(borrow(tensor))
                                                 : OptionalTensors::value_type());
            }
            return c10::IValue(std::move(list));
        }
        case TA_STRING:
            return c10::IValue(std::string(static_cast<const char*>(address), static_cast<size_t>(value.count)));
        case TA_GENERATOR:
            return c10::IValue(at::Generator(
                c10::intrusive_ptr<c10::GeneratorImpl>::reclaim_copy(static_cast<c10::GeneratorImpl*>(address))));
        default: TORCH_CHECK(false, "torchalign: unknown argument tag ", value.tag);
    }
}

// Writes `value` to `results`, a list of tensors to as many places as it has; returns how many places that took.
int unbox(c10::IValue&& value, ta_value* results, int room) {
    TORCH_CHECK(room > 0, "torchalign: an operator returned more than the caller has room for");
    ta_value& result = results[0];
    result.count = 0;
    if (value.isTensor()) {
        result.tag = TA_TENSOR;
        result.bits = reinterpret_cast<int64_t>(give(std::move(value).toTensor()));
    } else if (value.isDouble()) {
        const double number = value.toDouble();
        result.tag = TA_DOUBLE;
        std::memcpy(&result.bits, &number, sizeof number);
    } else if (value.isInt()) {
        result.tag = TA_INT;
        result.bits = value.toInt();
    } else if (value.isBool()) {
        result.tag = TA_BOOL;
        result.bits = value.toBool() ? 1 : 0;
    } else if (value.isTensorList()) {
        std::vector<at::Tensor> tensors = value.toTensorVector();
        TORCH_CHECK(tensors.size() <= static_cast<size_t>(room), "torchalign: an operator returned ", tensors.size(),
                    " tensors, the caller has room for ", room);
        for (size_t i = 0; i < tensors.size(); i++) {
            results[i] = {TA_TENSOR, 0, reinterpret_cast<int64_t>(give(std::move(tensors[i])))};
        }
        return static_cast<int>(tensors.size());
    } else {
        TORCH_CHECK(false, "torchalign: cannot pass a result of type ", value.tagKind());
    }
    return 1;
}

} // namespace

void* ta_operator(const char* name, const char* overload) {
    c10::OperatorHandle* handle = nullptr;
    const int failed = guarded([&] {
        const auto found = c10::Dispatcher::singleton().findSchema({name, overload});
        TORCH_CHECK(found.has_value(), "this libtorch has no operator ", name, *overload ? "." : "", overload);
        handle = new c10::OperatorHandle(*found); // kept for the life of the process
    });
    return failed ? nullptr : handle;
}

// Arguments that the caller leaves out at the end take the schema's defaults, so that an argument which a later libtorch
// adds does not break the call. With nresults 0 the results are dropped (in-place operators return what they were given).
int ta_call(const void* op, const ta_value* args, int nargs, ta_value* results, int nresults) {
    return guarded([&] {
        const auto& handle = *static_cast<const c10::OperatorHandle*>(op);
        const auto& parameters = handle.schema().arguments();
        TORCH_CHECK(static_cast<size_t>(nargs) <= parameters.size(), handle.schema(), ": ", nargs, " arguments given");
        torch::jit::Stack stack;
        stack.reserve(parameters.size());
        for (int i = 0; i < nargs; i++) stack.push_back(box(args[i]));
        for (size_t i = static_cast<size_t>(nargs); i < parameters.size(); i++) {
            const auto& value = parameters[i].default_value();
            TORCH_CHECK(value.has_value(), handle.schema(), ": argument ", parameters[i].name(), " is missing");
            stack.push_back(*value);
        }
        handle.callBoxed(&stack);
        if (nresults == 0) return;
        int used = 0;
        for (auto& value : stack) used += unbox(std::move(value), results + used, nresults - used);
        for (; used < nresults; used++) results[used] = {TA_NONE, 0, 0};
    });
}
