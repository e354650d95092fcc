//===- compiler/transform/odin/Lower.cpp - Writes a crossbar.chip ---------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/transform/odin/Lower.h"
#include "compiler/transform/odin/Place.h"
#include "dialects/neurocore/Values.h"
#include "llvm/ADT/SmallString.h"

using namespace mlir;
using namespace hillock::crossbar;
using hillock::neurocore::listOf;

namespace hillock::transform {

namespace {

using namespace hillock::transform::odin;

class Writer {
public:
  Writer(snn::NetworkOp network, const RealNetwork &real,
         const Quantized &numbers, const Placement &placement,
         const target::TargetModel &target)
      : network(network), real(real), numbers(numbers), placement(placement),
        target(target), builder(network.getContext()) {}
  ChipOp write();

private:
  void writeInput(const Layer &input);
  void writeLayer(size_t index);
  void writeTwins(size_t index);
  void writePopulation(size_t index, const std::string &name,
                       const std::vector<uint32_t> &neurons,
                       const std::vector<uint8_t> &address,
                       ArrayRef<int64_t> shape, bool twins);
  void writeSynapses();
  template <typename T>
  ElementsAttr list(const std::vector<T> &values, const char *name) {
    return listOf<T>(builder.getContext(), values, name);
  }
  NamedAttribute field(StringRef name, const std::vector<int32_t> &values) {
    if (llvm::all_equal(values))
      return builder.getNamedAttr(
          name, builder.getI32IntegerAttr(values.empty() ? 0 : values[0]));
    return builder.getNamedAttr(name, list(values, "register"));
  }

  snn::NetworkOp network;
  const RealNetwork &real;
  const Quantized &numbers;
  const Placement &placement;
  const target::TargetModel &target;
  OpBuilder builder;
};

void Writer::writeInput(const Layer &input) {
  std::vector<uint32_t> first = {0};
  std::vector<uint8_t> virtuals, address;
  std::vector<int8_t> weight;
  for (uint32_t n = 0; n < input.size; ++n) {
    for (const PlacedEvent &event : placement.inputEvents[input.first + n]) {
      virtuals.push_back(event.weight != 0);
      address.push_back(event.address);
      weight.push_back(event.weight);
    }
    first.push_back(static_cast<uint32_t>(address.size()));
  }
  crossbar::InputOp::create(builder, network.getLoc(),
                            builder.getStringAttr(input.name),
                            builder.getDenseI64ArrayAttr(input.shape),
                            list(first, "first"), list(virtuals, "virtual"),
                            list(address, "address"), list(weight, "weight"));
}

void Writer::writePopulation(size_t index, const std::string &name,
                             const std::vector<uint32_t> &neurons,
                             const std::vector<uint8_t> &address,
                             ArrayRef<int64_t> shape, bool twins) {
  const Layer &layer = real.layers[index];
  std::vector<int32_t> threshold, leak, start;
  double scale = 0;
  for (uint32_t n : neurons) {
    threshold.push_back(numbers.neurons[n].threshold);
    leak.push_back(numbers.neurons[n].leak);
    start.push_back(numbers.neurons[n].start);
    scale += numbers.neurons[n].scale / static_cast<double>(neurons.size());
  }
  const std::string program = target.proto().neuron_program(0);
  SmallVector<NamedAttribute> registers = {field("thr", threshold),
                                           field("leak_str", leak)};
  if (target.proto().crossbar().sign_of_source())
    registers.push_back(
        builder.getNamedAttr("leak_en", builder.getI32IntegerAttr(1)));
  DictionaryAttr initial;
  if (llvm::any_of(start, [](int32_t v) { return v != 0; }))
    initial = builder.getDictionaryAttr({field("core", start)});
  auto op = crossbar::PopulationOp::create(
      builder, network.getLoc(), builder.getStringAttr(name),
      builder.getStringAttr(program), builder.getDenseI64ArrayAttr(shape),
      list(address, "address"), builder.getDictionaryAttr(registers), initial,
      twins ? builder.getStringAttr(layer.name) : StringAttr());
  op->setAttr("kind", builder.getStringAttr(layer.kind));
  op->setAttr("scale", builder.getF64FloatAttr(scale));
  if (twins)
    return;
  op->setAttr("location", builder.getStringAttr(layer.location));
  op->setAttr("weight_error",
              builder.getF64FloatAttr(numbers.weightError[index]));
  op->setAttr("synapses", builder.getI64IntegerAttr(
                              static_cast<int64_t>(numbers.synapses[index])));
}

void Writer::writeLayer(size_t index) {
  const Layer &layer = real.layers[index];
  std::vector<uint32_t> neurons;
  std::vector<uint8_t> address;
  for (uint32_t n = layer.first; n < layer.first + layer.size; ++n) {
    neurons.push_back(n);
    address.push_back(static_cast<uint8_t>(n));
  }
  writePopulation(index, layer.name, neurons, address, layer.shape, false);
}

void Writer::writeTwins(size_t index) {
  const Layer &layer = real.layers[index];
  std::vector<uint32_t> neurons;
  std::vector<uint8_t> address;
  for (const Twin &twin : placement.twins)
    if (twin.neuron >= layer.first && twin.neuron < layer.first + layer.size) {
      neurons.push_back(twin.neuron);
      address.push_back(twin.address);
    }
  if (neurons.empty())
    return;
  const std::vector<int64_t> shape = {static_cast<int64_t>(neurons.size())};
  writePopulation(index, layer.name + "_inhibitory", neurons, address, shape,
                  true);
}

void Writer::writeSynapses() {
  std::vector<uint8_t> sources;
  std::vector<int8_t> weights;
  for (const auto &[source, row] : placement.rows) {
    sources.push_back(source);
    weights.insert(weights.end(), row.begin(), row.end());
  }
  SynapsesOp::create(builder, network.getLoc(), list(sources, "sources"),
                     list(weights, "weights"));
}

ChipOp Writer::write() {
  builder.setInsertionPointAfter(network);
  auto chip = ChipOp::create(
      builder, network.getLoc(), network.getSymNameAttr(),
      builder.getStringAttr(target.name()),
      builder.getF64FloatAttr(real.stepSeconds),
      builder.getI64IntegerAttr(target.proto().crossbar().queue()),
      builder.getI64IntegerAttr(placement.sweep),
      numbers.leaks ? builder.getUnitAttr() : UnitAttr(), StringAttr());
  builder.setInsertionPointToEnd(&chip.getBody().emplaceBlock());
  for (const Layer &input : real.inputs)
    writeInput(input);
  if (!placement.always.empty()) {
    std::vector<uint8_t> address;
    std::vector<int32_t> times;
    for (const Placement::Always &always : placement.always) {
      address.push_back(always.address);
      times.push_back(always.times);
    }
    AlwaysOp::create(builder, network.getLoc(), list(address, "address"),
                     list(times, "times"));
  }
  for (size_t i = 0; i < real.layers.size(); ++i)
    writeLayer(i);
  for (size_t i = 0; i < real.layers.size(); ++i)
    writeTwins(i);
  writeSynapses();
  for (const odin::Output &output : real.outputs) {
    const Layer &layer = real.layers[output.layer];
    std::vector<uint8_t> address;
    for (uint32_t n = 0; n < layer.size; ++n)
      address.push_back(static_cast<uint8_t>(layer.first + n));
    crossbar::OutputOp::create(
        builder, network.getLoc(), builder.getStringAttr(output.name),
        builder.getDenseI64ArrayAttr(output.shape), list(address, "address"));
  }
  return chip;
}

} // namespace

Expected<ChipOp> lowerToCrossbar(snn::NetworkOp network,
                                 const target::TargetModel &target,
                                 std::vector<std::string> &remarks) {
  const proto::CrossbarRules &rules = target.proto().crossbar();
  if (!target.proto().has_crossbar() || target.proto().neuron_program().empty())
    return inputError("has no crossbar or names no neuron program",
                      "target '" + target.name() + "'",
                      "choose tinyodin or odin");
  auto real = odin::extract(network, remarks);
  if (!real)
    return real.takeError();
  const Quantized numbers = quantize(*real, rules);
  auto placement = place(*real, numbers, rules, target.name());
  if (!placement)
    return placement.takeError();
  remarks.insert(remarks.end(), numbers.remarks.begin(), numbers.remarks.end());
  remarks.insert(remarks.end(), placement->remarks.begin(),
                 placement->remarks.end());
  return Writer(network, *real, numbers, *placement, target).write();
}

} // namespace hillock::transform
