//===- compiler/ann/ir/Emit.cpp - Plain structures to ops -----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/ir/Convert.h"
#include "mlir/Dialect/Quant/IR/Quant.h"

using namespace mlir;

namespace hillock::ann {

namespace {

class Emitter {
public:
  Emitter(ModuleOp module, StringRef file, StringRef name, Level level)
      : context(module.getContext()), builder(context),
        file(StringAttr::get(context, file)), level(level) {
    builder.setInsertionPointToEnd(module.getBody());
    // A network whose graph has no name still needs a symbol.
    op = NetworkOp::create(builder, locate("network"),
                           name.empty() ? "network" : name, level);
    op.getBody().emplaceBlock();
    builder.setInsertionPointToEnd(&op.getBody().front());
  }

  Location locate(StringRef name) {
    return NameLoc::get(StringAttr::get(context, name),
                        FileLineColLoc::get(file, 0, 0));
  }

  Type elementOf(const Quantization &q) {
    const unsigned bits = q.bits();
    auto storage = IntegerType::get(context, bits <= 2   ? 2
                                             : bits <= 4 ? 4
                                             : bits <= 8 ? 8
                                                         : 32);
    if (level == Level::Integer)
      return storage;
    return quant::UniformQuantizedType::get(quant::QuantizationFlags::Signed,
                                            storage, Float32Type::get(context),
                                            q.scale, q.zero, q.low, q.high);
  }

  Type typeOf(const Shape &shape, const Quantization *q) {
    return RankedTensorType::get(shape,
                                 q ? elementOf(*q) : Float32Type::get(context));
  }

  /// The input, and below the real level its codes.
  void input(const std::string &name, const Shape &shape,
             const Quantization *q) {
    const Location place = locate(name);
    mlir::Value value = InputOp::create(builder, place, typeOf(shape, nullptr),
                                        builder.getStringAttr(name));
    if (q) {
      const bool integers = level == Level::Integer;
      value = QuantizeOp::create(
          builder, place, typeOf(shape, q), value,
          integers ? builder.getF64FloatAttr(q->scale) : FloatAttr(),
          integers ? builder.getI32IntegerAttr(q->zero) : IntegerAttr());
    }
    values.push_back(value);
  }

  void output(mlir::Value value, const std::string &name,
              const Quantization *q) {
    OutputOp::create(builder, locate(name), builder.getStringAttr(name), value,
                     q && level == Level::Integer
                         ? builder.getF64FloatAttr(q->scale)
                         : FloatAttr());
  }

  /// Attributes that layers of all levels have.
  template <typename L> NamedAttrList common(const L &layer) {
    NamedAttrList attrs;
    attrs.set("name", builder.getStringAttr(layer.name));
    const Window &w = layer.window;
    if (layer.kind == Kind::Conv || layer.kind == Kind::MaxPool ||
        layer.kind == Kind::AveragePool) {
      attrs.set("kernel", builder.getDenseI64ArrayAttr(w.kernel));
      attrs.set("strides", builder.getDenseI64ArrayAttr(w.stride));
      attrs.set("dilations", builder.getDenseI64ArrayAttr(w.dilation));
      attrs.set("pads", builder.getDenseI64ArrayAttr({w.begin[0], w.begin[1],
                                                      w.end[0], w.end[1],
                                                      w.extra[0], w.extra[1]}));
    }
    if (layer.kind == Kind::Conv)
      attrs.set("groups", builder.getI64IntegerAttr(layer.groups));
    if (layer.kind == Kind::AveragePool)
      attrs.set("include_pad", builder.getBoolAttr(layer.includePad));
    if (layer.kind == Kind::Transpose)
      attrs.set("permutation", builder.getDenseI64ArrayAttr(layer.permutation));
    if (layer.kind == Kind::Concat)
      attrs.set("axis", builder.getI64IntegerAttr(layer.axis));
    return attrs;
  }

  void clamp(const Layer &layer, NamedAttrList &attrs) {
    if (std::isfinite(layer.low))
      attrs.set("clamp_low", builder.getF32FloatAttr(layer.low));
    if (std::isfinite(layer.high))
      attrs.set("clamp_high", builder.getF32FloatAttr(layer.high));
  }

  template <typename T>
  void elements(NamedAttrList &attrs, const char *what, const Shape &shape,
                const std::vector<T> &all, const std::string &layer) {
    attrs.set(what, elementsAttr<T>(context, shape, ArrayRef<T>(all),
                                    layer + "." + what));
  }

  template <typename N, typename L>
  Shape weightShape(const N &net, const L &layer) {
    const Shape &in = net.in(layer).shape;
    const int64_t outputs = net.out(layer).shape[0];
    if (layer.kind == Kind::Linear)
      return {outputs, in[0]};
    return {outputs, in[0] / layer.groups, layer.window.kernel[0],
            layer.window.kernel[1]};
  }

  Type weightType(const QuantWeights &w) {
    if (w.format.isLog())
      return LogType::get(context, w.format.code == Code::Log2 ? 2 : 4,
                          builder.getF64ArrayAttr(w.scales));
    auto storage = IntegerType::get(context, w.format.bits);
    auto real = Float32Type::get(context);
    std::vector<int64_t> zeros(w.zeros.begin(), w.zeros.end());
    const bool one = w.scales.size() == 1 && zeros.size() <= 1;
    std::vector<double> scales = w.scales;
    if (!one) {
      zeros.resize(std::max(scales.size(), zeros.size()), 0);
      scales.resize(zeros.size(), scales[0]);
      return quant::UniformQuantizedPerAxisType::get(
          quant::QuantizationFlags::Signed, storage, real, scales, zeros, 0,
          w.format.low(), w.format.high());
    }
    return quant::UniformQuantizedType::get(
        quant::QuantizationFlags::Signed, storage, real, scales[0],
        zeros.empty() ? 0 : zeros[0], w.format.low(), w.format.high());
  }

  template <typename L>
  void add(const L &layer, NamedAttrList attrs, Type type) {
    OperationState state(locate(layer.name),
                         std::string("ann.") + kindName(layer.kind));
    for (const int in : layer.inputs)
      state.addOperands(valueOf[static_cast<size_t>(in)]);
    state.addTypes(type);
    state.addAttributes(attrs);
    valueOf[static_cast<size_t>(layer.output)] =
        builder.create(state)->getResult(0);
  }

  MLIRContext *context;
  OpBuilder builder;
  StringAttr file;
  Level level;
  NetworkOp op;
  std::vector<mlir::Value> values;
  std::vector<mlir::Value> valueOf; ///< by value of the network
};

NetworkOp emit(const Network &net, const Plan *plan, ModuleOp module,
               StringRef file) {
  Emitter to(module, file, net.name, plan ? Level::Quantized : Level::Real);
  const auto quantOf = [&](int v) {
    return plan ? &plan->values[static_cast<size_t>(v)] : nullptr;
  };
  const ann::Value &input = net.values[static_cast<size_t>(net.input)];
  to.input(input.name, input.shape, quantOf(net.input));
  to.valueOf.resize(net.values.size());
  to.valueOf[static_cast<size_t>(net.input)] = to.values.front();
  for (size_t i = 0; i < net.layers.size(); ++i) {
    const Layer &layer = net.layers[i];
    NamedAttrList attrs = to.common(layer);
    to.clamp(layer, attrs);
    if (layer.hasWeights()) {
      const Shape shape = to.weightShape(net, layer);
      const QuantWeights *w = plan ? &*plan->weights[i] : nullptr;
      const std::vector<double> &bias = w ? w->bias : layer.bias;
      if (w) {
        to.elements(attrs, "weights", shape, w->codes, layer.name);
        attrs.set("weight_type", TypeAttr::get(to.weightType(*w)));
      } else {
        to.elements(attrs, "weights", shape, layer.weights, layer.name);
      }
      if (!bias.empty())
        to.elements(attrs, "bias", {shape[0]}, bias, layer.name);
    }
    to.add(layer, std::move(attrs),
           to.typeOf(net.out(layer).shape, quantOf(layer.output)));
  }
  to.output(to.valueOf[static_cast<size_t>(net.output)],
            net.values[static_cast<size_t>(net.output)].name,
            quantOf(net.output));
  return to.op;
}

} // namespace

NetworkOp emitReal(const Network &net, ModuleOp module, StringRef file) {
  return emit(net, nullptr, module, file);
}

NetworkOp emitQuantized(const Network &net, const Plan &plan, ModuleOp module,
                        StringRef file) {
  return emit(net, &plan, module, file);
}

NetworkOp emitInteger(const IntNetwork &net, ModuleOp module, StringRef file) {
  Emitter to(module, file, net.name, Level::Integer);
  const auto valueAt = [&](int v) -> const IntValue & {
    return net.values[static_cast<size_t>(v)];
  };
  const IntValue &input = valueAt(net.input);
  to.input(input.name, input.shape, &input.q);
  to.valueOf.resize(net.values.size());
  to.valueOf[static_cast<size_t>(net.input)] = to.values.front();
  OpBuilder &b = to.builder;
  for (const IntLayer &layer : net.layers) {
    NamedAttrList attrs = to.common(layer);
    std::vector<int32_t> inputZeros, multipliers, shifts;
    for (const int in : layer.inputs)
      inputZeros.push_back(valueAt(in).q.zero);
    for (const Multiplier &m : layer.multipliers) {
      multipliers.push_back(m.mantissa);
      shifts.push_back(m.shift);
    }
    if (layer.kind == Kind::Add) {
      multipliers = {layer.pair.a, layer.pair.b};
      shifts = {layer.pair.shift};
    }
    attrs.set("input_zeros", b.getDenseI32ArrayAttr(inputZeros));
    attrs.set("result_zero", b.getI32IntegerAttr(net.out(layer).q.zero));
    if (!multipliers.empty()) {
      attrs.set("multipliers", b.getDenseI32ArrayAttr(multipliers));
      attrs.set("shifts", b.getDenseI32ArrayAttr(shifts));
      attrs.set("low", b.getI32IntegerAttr(layer.low));
      attrs.set("high", b.getI32IntegerAttr(layer.high));
    }
    if (layer.hasWeights()) {
      const Shape shape = to.weightShape(net, layer);
      to.elements(attrs, "weights", shape, layer.weights, layer.name);
      to.elements(attrs, "bias", {shape[0]}, layer.bias, layer.name);
      attrs.set("weight_format", b.getStringAttr(layer.format.name()));
      if (!layer.zeros.empty())
        attrs.set("weight_zeros", b.getDenseI32ArrayAttr(layer.zeros));
    }
    to.add(layer, std::move(attrs),
           to.typeOf(net.out(layer).shape, &net.out(layer).q));
  }
  to.output(to.valueOf[static_cast<size_t>(net.output)],
            valueAt(net.output).name, &valueAt(net.output).q);
  return to.op;
}

} // namespace hillock::ann
