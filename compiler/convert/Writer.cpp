//===- compiler/convert/Writer.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/convert/Writer.h"

using namespace mlir;
using namespace hillock::snn;
using hillock::ann::IntLayer;
using hillock::ann::IntValue;

namespace hillock::convert {

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

Type Writer::current(ArrayRef<int64_t> shape) {
  return CurrentType::get(builder.getContext(), shape, builder.getI32Type());
}

FormatAttr Writer::format(unsigned bits, Sign sign) {
  return FormatAttr::get(builder.getContext(), bits, 0, sign);
}

ElementsAttr Writer::weights(ArrayRef<int64_t> shape,
                             std::vector<int16_t> mantissas) {
  return weightsAttr(builder.getContext(), shape, std::move(mantissas),
                     "w" + std::to_string(resources++));
}

Value Writer::reshaped(Value value, ArrayRef<int64_t> shape) {
  if (shapeOf(value.getType()) == shape)
    return value;
  Type type = SpikesType::get(builder.getContext(), shape);
  if (auto graded = dyn_cast<GradedType>(value.getType()))
    type = GradedType::get(builder.getContext(), shape, graded.getElement());
  return FlattenOp::create(builder, loc, type, value);
}

Value Writer::delayed(int value, int64_t steps) {
  const Sent &source = sent(value);
  return reshaped(DelayOp::create(builder, loc, source.value, steps),
                  source.shape);
}

Value Writer::sparse(Value source, ArrayRef<int32_t> from, ArrayRef<int32_t> to,
                     std::vector<int16_t> mantissas, FormatAttr numbers,
                     ArrayRef<int64_t> shape) {
  const auto count = static_cast<int64_t>(from.size());
  const auto indices = [&](ArrayRef<int32_t> list) {
    return DenseElementsAttr::get(
        RankedTensorType::get({count}, builder.getI32Type()), list);
  };
  return SparseOp::create(builder, loc, current(shape), source, indices(from),
                          indices(to), weights({count}, std::move(mantissas)),
                          ElementsAttr(), numbers,
                          builder.getI64IntegerAttr(0));
}

Value Writer::oneToOne(Value source, ArrayRef<int32_t> from,
                       ArrayRef<int32_t> to, ArrayRef<int64_t> shape) {
  return sparse(source, from, to,
                std::vector<int16_t>(from.size(), 1 << relayShift),
                format(1, Sign::Excitatory), shape);
}

Value Writer::sum(std::vector<Value> parts, ArrayRef<int64_t> shape) {
  if (parts.size() == 1)
    return parts.front();
  return SumOp::create(builder, loc, current(shape), parts);
}

NamedAttribute Writer::column(const char *name,
                              const std::vector<int32_t> &list,
                              ArrayRef<int64_t> shape) {
  if (llvm::all_equal(list))
    return number(name, list.front());
  return builder.getNamedAttr(
      name,
      DenseElementsAttr::get(RankedTensorType::get(shape, builder.getI32Type()),
                             ArrayRef(list)));
}

NamedAttribute Writer::number(const char *name, int64_t value) {
  return builder.getNamedAttr(
      name, builder.getI32IntegerAttr(static_cast<int32_t>(value)));
}

Error Writer::wrong(const IntLayer &layer, const std::string &what,
                    const std::string &remedy) {
  return inputError(what, "layer '" + layer.name + "'", remedy);
}

void Writer::population(const IntLayer &layer, Value sums,
                        const Neurons &neurons) {
  const ann::Shape &shape =
      neurons.shape.empty() ? net.out(layer).shape : neurons.shape;
  const bool read = isRead(layer);
  Type type =
      GradedType::get(builder.getContext(), shape, builder.getI32Type());
  if (neurons.binary && !read)
    type = SpikesType::get(builder.getContext(), shape);
  auto op = PopulationOp::create(
      builder, loc, type, builder.getStringAttr(neurons.program), sums,
      builder.getDictionaryAttr(neurons.registers),
      neurons.initial ? neurons.initial : builder.getDictionaryAttr({}),
      read ? builder.getStringAttr(neurons.readout) : StringAttr());
  op->setAttr("name", builder.getStringAttr(layer.name + neurons.suffix));
  op->setAttr("kind", builder.getStringAttr(ann::kindName(layer.kind)));
  op->setAttr("lag", builder.getI64IntegerAttr(neurons.lag));
  if (layer.hasWeights())
    op->setAttr("weight_bits", builder.getI64IntegerAttr(layer.format.bits));
  sent(layer.output) = {op.getResult(), neurons.lag, shape};
}

//===----------------------------------------------------------------------===//
// The network
//===----------------------------------------------------------------------===//

Error Writer::input() {
  const IntValue &in = net.values[static_cast<size_t>(net.input)];
  if (in.q.bits() > 8)
    return inputError("has codes of " + std::to_string(in.q.bits()) +
                          " bits; spikes are made of at most 8",
                      "input '" + in.name + "'", "give --input-bits");
  Type type =
      GradedType::get(builder.getContext(), in.shape, builder.getI32Type());
  sent(net.input) = {
      InputOp::create(builder, loc, type, builder.getStringAttr(in.name)), 0,
      in.shape};
  const auto integer = [&](const char *name, int64_t value) {
    return builder.getNamedAttr(name, builder.getI64IntegerAttr(value));
  };
  result->setAttr(
      "codes",
      builder.getDictionaryAttr(
          {builder.getNamedAttr("scale", builder.getF64FloatAttr(in.q.scale)),
           integer("zero", in.q.zero), integer("low", in.q.low),
           integer("high", in.q.high)}));
  return Error::success();
}

Error Writer::weighted(const IntLayer &layer) {
  const IntValue &in = net.in(layer), &out = net.out(layer);
  auto field = fieldOf(layer);
  if (!field)
    return field.takeError();
  Value source = delayed(layer.inputs[0], 1), sums;
  auto start = builder.getI64IntegerAttr(0);
  const FormatAttr numbers = format(field->bits, Sign::Mixed);
  const auto count = static_cast<int64_t>(field->mantissas.size());
  if (layer.kind == ann::Kind::Linear) {
    sums = DenseOp::create(builder, loc, current(out.shape), source,
                           weights({out.shape[0], count / out.shape[0]},
                                   std::move(field->mantissas)),
                           ElementsAttr(), numbers, start);
  } else {
    const ann::Window &w = layer.window;
    sums =
        ConvOp::create(builder, loc, current(out.shape), source,
                       weights({out.shape[0], in.shape[0] / layer.groups,
                                w.kernel[0], w.kernel[1]},
                               std::move(field->mantissas)),
                       ElementsAttr(), builder.getDenseI64ArrayAttr(w.stride),
                       builder.getDenseI64ArrayAttr(
                           {w.begin[0], w.begin[1], w.end[0], w.end[1]}),
                       builder.getDenseI64ArrayAttr(w.dilation),
                       builder.getI64IntegerAttr(layer.groups), numbers, start);
  }
  return neurons(layer, sums, field->align, sent(layer.inputs[0]).lag + 1);
}

Error Writer::average(const IntLayer &layer) {
  std::vector<int32_t> from, to;
  visitPool(net, layer, [&](int64_t cell, int64_t target, int64_t) {
    from.push_back(static_cast<int32_t>(cell));
    to.push_back(static_cast<int32_t>(target));
  });
  Value sums =
      oneToOne(delayed(layer.inputs[0], 1), from, to, net.out(layer).shape);
  return neurons(layer, sums, relayShift, sent(layer.inputs[0]).lag + 1);
}

/// Clip and Concat: each neuron has one source.
Error Writer::relay(const IntLayer &layer) {
  int64_t lag = 0;
  for (int value : layer.inputs)
    lag = std::max(lag, sent(value).lag + 1);
  std::vector<std::vector<int32_t>> from(layer.inputs.size()),
      to(layer.inputs.size());
  visitRelay(net, layer, [&](size_t part, int64_t source, int64_t target) {
    from[part].push_back(static_cast<int32_t>(source));
    to[part].push_back(static_cast<int32_t>(target));
  });
  std::vector<Value> sums;
  for (size_t i = 0; i < layer.inputs.size(); ++i)
    sums.push_back(
        oneToOne(delayed(layer.inputs[i], lag - sent(layer.inputs[i]).lag),
                 from[i], to[i], net.out(layer).shape));
  return neurons(layer, sum(std::move(sums), net.out(layer).shape), relayShift,
                 lag);
}

Error Writer::layer(const IntLayer &layer) {
  loc = NameLoc::get(builder.getStringAttr(layer.name));
  switch (layer.kind) {
  case ann::Kind::Conv:
  case ann::Kind::Linear:
    return weighted(layer);
  case ann::Kind::AveragePool:
    return average(layer);
  case ann::Kind::Clip:
  case ann::Kind::Concat:
    return relay(layer);
  case ann::Kind::MaxPool:
    return maxPool(layer);
  case ann::Kind::Reshape:
    sent(layer.output) = sent(layer.inputs[0]);
    sent(layer.output).shape = net.out(layer).shape;
    return Error::success();
  default:
    return wrong(layer,
                 std::string("is of kind ") + ann::kindName(layer.kind) +
                     ", which has no form in spikes",
                 "conv, linear, max_pool, average_pool, clip, concat and "
                 "reshape have one");
  }
}

Error Writer::output() {
  const IntValue &out = net.values[static_cast<size_t>(net.output)];
  const Sent last = sent(net.output);
  if (!last.value.getDefiningOp<PopulationOp>())
    return inputError("is computed by no layer", "output '" + out.name + "'");
  OutputOp::create(builder, loc, builder.getStringAttr(out.name),
                   reshaped(last.value, out.shape))
      ->setAttr("lag", builder.getI64IntegerAttr(last.lag));
  return Error::success();
}

Expected<NetworkOp> Writer::run(const std::string &where) {
  builder.setInsertionPointToEnd(module.getBody());
  result = NetworkOp::create(
      builder, loc, builder.getStringAttr(net.name.empty() ? "net" : net.name),
      builder.getF64FloatAttr(1), builder.getF64FloatAttr(0));
  builder.setInsertionPointToEnd(&result.getBody().emplaceBlock());
  values.resize(net.values.size());
  readValue = net.output;
  for (const IntLayer &one : llvm::reverse(net.layers))
    if (one.output == readValue && one.kind == ann::Kind::Reshape)
      readValue = one.inputs[0];
  Error error = input();
  for (const IntLayer &one : net.layers)
    if (!error)
      error = layer(one);
  if (!error)
    error = output();
  if (!error)
    return result;
  result.erase();
  ErrorKind kind = ErrorKind::Input;
  const std::string text = takeText(std::move(error), &kind);
  return makeError(kind, text, where);
}

} // namespace hillock::convert
