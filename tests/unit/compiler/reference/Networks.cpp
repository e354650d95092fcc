//===- tests/unit/compiler/reference/Networks.cpp - By hand
//-----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tests/unit/compiler/reference/Networks.h"
#include "mlir/IR/Verifier.h"
#include <cstdlib>

namespace hillock::reference::test {

using namespace mlir;

std::string dataFile(const std::string &name) {
  const char *folder = std::getenv("HILLOCK_DATA");
  return folder ? std::string(folder) + "/" + name : std::string();
}

Network::Network(double dt, bool singlePrecision) : builder(&context) {
  context.loadDialect<snn::SnnDialect>();
  Location loc = builder.getUnknownLoc();
  module = ModuleOp::create(loc);
  builder.setInsertionPointToStart(module->getBody());
  network =
      snn::NetworkOp::create(builder, loc, "net", APFloat(dt), APFloat(1.0));
  if (singlePrecision)
    network->setAttr("precision", builder.getStringAttr("f32"));
  builder.setInsertionPointToStart(&network.getBody().emplaceBlock());
}

Type Network::spikes(Shape shape) {
  return snn::SpikesType::get(&context, shape);
}

Type Network::current(Shape shape, bool integer) {
  return snn::CurrentType::get(&context, shape,
                               integer ? Type(builder.getI32Type())
                                       : Type(builder.getF32Type()));
}

ElementsAttr Network::f32(Shape shape, const std::vector<double> &values) {
  std::vector<float> floats(values.begin(), values.end());
  return DenseElementsAttr::get(
      RankedTensorType::get(shape, builder.getF32Type()),
      ArrayRef<float>(floats));
}

Value Network::input(Shape shape, bool graded, const std::string &name) {
  Type type =
      graded ? Type(snn::GradedType::get(&context, shape, builder.getF32Type()))
             : spikes(shape);
  return snn::InputOp::create(builder, builder.getUnknownLoc(), type, name);
}

Value Network::dense(Value input, int64_t out, std::vector<double> weights,
                     std::vector<double> bias, int64_t start) {
  int64_t in = snn::elementsOf(input.getType());
  return snn::DenseOp::create(builder, builder.getUnknownLoc(), current({out}),
                              input, f32({out, in}, weights),
                              bias.empty() ? ElementsAttr() : f32({out}, bias),
                              snn::FormatAttr(), static_cast<uint64_t>(start));
}

Value Network::conv(Value input, Shape out, Shape kernel,
                    std::vector<double> weights, Shape stride, Shape padding,
                    Shape dilation, int64_t groups, std::vector<double> bias) {
  return snn::ConvOp::create(
      builder, builder.getUnknownLoc(), current(out), input,
      f32(kernel, weights), bias.empty() ? ElementsAttr() : f32({out[0]}, bias),
      ArrayRef<int64_t>(stride), ArrayRef<int64_t>(padding),
      ArrayRef<int64_t>(dilation), static_cast<uint64_t>(groups),
      snn::FormatAttr());
}

Value Network::pool(Value input, Shape out, snn::PoolKind kind, Shape kernel,
                    Shape stride, Shape padding) {
  return snn::PoolOp::create(builder, builder.getUnknownLoc(), current(out),
                             input, kind, ArrayRef<int64_t>(kernel),
                             ArrayRef<int64_t>(stride),
                             ArrayRef<int64_t>(padding));
}

Value Network::openLoop(Shape shape) {
  return snn::DelayOp::create(builder, builder.getUnknownLoc(),
                              input(shape, false, "open"), 1);
}

void Network::closeLoop(Value delayed, Value source) {
  auto delay = delayed.getDefiningOp<snn::DelayOp>();
  Operation *placeholder = delay.getInput().getDefiningOp();
  delay->setOperand(0, source);
  placeholder->erase();
}

Value Network::sum(std::vector<Value> inputs) {
  return snn::SumOp::create(builder, builder.getUnknownLoc(),
                            inputs.front().getType(), ValueRange(inputs));
}

Value Network::flatten(Value input) {
  return snn::FlattenOp::create(builder, builder.getUnknownLoc(),
                                current({snn::elementsOf(input.getType())}),
                                input);
}

Value Network::neurons(snn::Kind kind, Value input,
                       const Parameters &parameters,
                       const Convention &convention, const std::string &name) {
  Shape shape = snn::shapeOf(input.getType()).vec();
  auto type = RankedTensorType::get(shape, builder.getF64Type());
  auto get = [&](const char *key) -> ElementsAttr {
    auto found = parameters.find(key);
    if (found == parameters.end())
      return {};
    return DenseElementsAttr::get(type, ArrayRef<double>(found->second));
  };
  bool graded = kind == snn::Kind::I || kind == snn::Kind::Li ||
                kind == snn::Kind::CubaLi;
  Type result =
      graded ? Type(snn::GradedType::get(&context, shape, builder.getF32Type()))
             : spikes(shape);
  auto conventions = snn::ConventionsAttr::get(
      &context, convention.integrator, convention.order, convention.reset,
      convention.compare, convention.refractory, convention.multi,
      convention.clamp);
  auto op = snn::NeuronsOp::create(builder, builder.getUnknownLoc(), result,
                                   kind, input, get("tau_mem"), get("tau_syn"),
                                   get("r"), get("v_leak"), get("v_threshold"),
                                   get("v_reset"), get("w_in"), conventions);
  op->setAttr("name", builder.getStringAttr(name));
  return op;
}

Value Network::population(const std::string &program, Value input,
                          const std::map<std::string, int64_t> &registers,
                          const std::map<std::string, int64_t> &initial,
                          const std::string &name) {
  auto dictionary = [&](const std::map<std::string, int64_t> &values) {
    std::vector<NamedAttribute> entries;
    for (const auto &[key, value] : values)
      entries.push_back(
          builder.getNamedAttr(key, builder.getI32IntegerAttr(value)));
    return builder.getDictionaryAttr(entries);
  };
  auto op = snn::PopulationOp::create(
      builder, builder.getUnknownLoc(),
      spikes(snn::shapeOf(input.getType()).vec()),
      builder.getStringAttr(program), input, dictionary(registers),
      dictionary(initial), StringAttr());
  op->setAttr("name", builder.getStringAttr(name));
  return op;
}

void Network::output(Value value, const std::string &name) {
  snn::OutputOp::create(builder, builder.getUnknownLoc(), name, value);
}

void Network::verify() { ASSERT_TRUE(succeeded(mlir::verify(*module))); }

Trace Network::run(const std::vector<Event> &events, int64_t steps,
                   std::vector<std::string> probes) {
  verify();
  RunOptions options;
  options.steps = steps;
  options.probes = std::move(probes);
  return need(reference::run(network, {{"x", events}}, options));
}

Recording recordingOf(const NdArray &array, int64_t neurons, bool binary) {
  Recording recording;
  recording.shape = {neurons};
  recording.steps = array.size() / neurons;
  for (int64_t k = 0; k < array.size(); ++k)
    if (double value = array.valueAt(k); value != 0)
      recording.events.push_back(
          {k / neurons, k % neurons, binary ? 1 : value});
  return recording;
}

Recording shifted(const Recording &recording, int64_t steps) {
  Recording result = recording;
  result.events.clear();
  for (Event event : recording.events) {
    event.step += steps;
    if (event.step >= 0 && event.step < recording.steps)
      result.events.push_back(event);
  }
  return result;
}

} // namespace hillock::reference::test
