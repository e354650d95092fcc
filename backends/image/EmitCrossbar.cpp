//===- backends/image/EmitCrossbar.cpp ------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/image/EmitCrossbar.h"
#include "backends/odin/OdinImage.h"
#include "dialects/neurocore/Values.h"
#include "image/ImageFile.h"
#include "target/TargetModel.h"

using namespace mlir;
using namespace hillock::crossbar;
using hillock::neurocore::numbers;
using hillock::odin::Chip;
using hillock::odin::ChipConfig;
using hillock::odin::HostEvent;

namespace hillock::backends {

namespace {

class Emitter {
public:
  Emitter(ChipOp chip, Chip kind)
      : chip(chip), config(odin::emptyConfig(kind)) {}
  Expected<ChipConfig> run();

private:
  Error emitPopulation(crossbar::PopulationOp op);
  Error emitSynapses(SynapsesOp op);
  void emitInput(crossbar::InputOp op);
  void findClearReferences();
  Error setFields(odin::Word128 &word, crossbar::PopulationOp op, size_t n);

  ChipOp chip;
  ChipConfig config;
};

odin::NeuronKind kindOf(Chip chip, StringRef program) {
  if (chip == Chip::Tiny)
    return odin::NeuronKind::Tiny;
  return program == "odin_izh" ? odin::NeuronKind::Izhikevich
                               : odin::NeuronKind::Lif;
}

Error Emitter::setFields(odin::Word128 &word, crossbar::PopulationOp op,
                         size_t n) {
  const odin::NeuronKind kind = kindOf(config.chip, op.getProgram());
  if (odin::kindName(kind) != op.getProgram())
    return inputError("the chip has no neuron program '" +
                          op.getProgram().str() + "'",
                      "population '" + op.getName().str() + "'");
  word = {};
  if (kind == odin::NeuronKind::Lif)
    word.set(0, 1, 1);
  for (DictionaryAttr fields :
       {op.getRegisters(), op.getInitial().value_or(DictionaryAttr())})
    for (NamedAttribute entry :
         fields ? fields.getValue() : ArrayRef<NamedAttribute>()) {
      const StringRef name = entry.getName().getValue();
      const odin::Field *field = odin::findField(kind, name);
      const int32_t value = entryOf(fields, name, n);
      if (!field)
        return inputError("a neuron's word has no field '" + name.str() + "'",
                          "population '" + op.getName().str() + "'");
      const int32_t low = field->isSigned ? -(1 << (field->bits - 1)) : 0;
      if (value < low || value >= low + (1 << field->bits))
        return inputError(name.str() + " = " + std::to_string(value) +
                              " does not fit " + std::to_string(field->bits) +
                              " bits",
                          "population '" + op.getName().str() + "', neuron " +
                              std::to_string(n));
      odin::setField(word, *field, value);
    }
  return Error::success();
}

Error Emitter::emitPopulation(crossbar::PopulationOp op) {
  const auto address = numbers<uint8_t>(op.getAddress());
  for (size_t n = 0; n < address.size(); ++n)
    if (Error error = setFields(config.neurons[address[n]], op, n))
      return error;
  return Error::success();
}

Error Emitter::emitSynapses(SynapsesOp op) {
  const auto sources = numbers<uint8_t>(op.getSources());
  const auto weights = numbers<int8_t>(op.getWeights());
  const size_t sweep = chip.getSweep();
  for (size_t r = 0; r < sources.size(); ++r) {
    bool excites = false, inhibits = false;
    for (size_t n = 0; n < sweep; ++n) {
      const int weight = weights[r * sweep + n];
      const int low = config.chip == Chip::Tiny ? -8 : -7;
      if (weight < low || weight > 7)
        return inputError("weight " + std::to_string(weight) + " is not in " +
                              std::to_string(low) + "..7",
                          "source " + std::to_string(sources[r]));
      excites |= weight > 0;
      inhibits |= weight < 0;
      unsigned code = static_cast<unsigned>(weight) & 15;
      if (config.chip == Chip::Odin)
        code = weight == 0 ? 0 : 8u | static_cast<unsigned>(std::abs(weight));
      config.setSynapse(sources[r], static_cast<unsigned>(n), code);
    }
    if (config.chip != Chip::Odin)
      continue;
    if (excites && inhibits)
      return inputError("it has weights of both signs; on ODIN the sign is "
                        "the source's",
                        "source " + std::to_string(sources[r]));
    config.registers.inhibitory[sources[r]] = inhibits;
  }
  return Error::success();
}

void Emitter::emitInput(crossbar::InputOp op) {
  odin::InputPort port;
  port.name = op.getName().str();
  for (int64_t extent : op.getShape())
    port.shape.push_back(static_cast<uint32_t>(extent));
  port.first = numbers<uint32_t>(op.getFirst());
  const auto virtuals = numbers<uint8_t>(op.getVirtuals());
  const auto address = numbers<uint8_t>(op.getAddress());
  const auto weight = numbers<int8_t>(op.getWeight());
  for (size_t i = 0; i < address.size(); ++i)
    port.events.push_back(
        {virtuals[i] ? HostEvent::Kind::Virtual : HostEvent::Kind::Neuron,
         address[i], weight[i]});
  config.io.inputs.push_back(std::move(port));
}

/// A network without leak never sends a time reference in a step. All its
/// neurons may then leak as fast as they can, so that a few references clear
/// the chip between two inputs.
void Emitter::findClearReferences() {
  for (auto op : chip.getBody().getOps<crossbar::PopulationOp>())
    if (op.getInitial())
      return;
  int fastest = 127, slowest = 127;
  const odin::NeuronKind kind = kindOf(config.chip, "");
  const odin::Field &leak = *odin::findField(kind, "leak_str");
  for (unsigned n = 0; n < chip.getSweep(); ++n) {
    if (odin::neuronKind(config.chip, config.neurons[n]) != kind)
      return;
    if (!chip.getLeak()) {
      odin::setField(config.neurons[n], leak, fastest);
      if (const odin::Field *enable = odin::findField(kind, "leak_en"))
        odin::setField(config.neurons[n], *enable, 1);
    }
    slowest = std::min(slowest, odin::getField(config.neurons[n], leak));
  }
  const int farthest = config.chip == Chip::Tiny ? 2048 : 255;
  // With a slow leak it is quicker to write the neurons again.
  constexpr int worthIt = 64;
  if (slowest != 0 && (farthest + slowest - 1) / slowest <= worthIt)
    config.io.clearReferences =
        static_cast<unsigned>((farthest + slowest - 1) / slowest);
}

Expected<ChipConfig> Emitter::run() {
  config.registers.maxNeuron =
      static_cast<uint8_t>(std::max<uint64_t>(chip.getSweep(), 1) - 1);
  for (Operation &op : chip.getBody().front()) {
    if (auto population = dyn_cast<crossbar::PopulationOp>(op))
      if (Error error = emitPopulation(population))
        return std::move(error);
    if (auto synapses = dyn_cast<SynapsesOp>(op))
      if (Error error = emitSynapses(synapses))
        return std::move(error);
    if (auto input = dyn_cast<crossbar::InputOp>(op))
      emitInput(input);
    if (auto always = dyn_cast<AlwaysOp>(op)) {
      const auto address = numbers<uint8_t>(always.getAddress());
      const auto times = numbers<int32_t>(always.getTimes());
      for (size_t i = 0; i < address.size(); ++i)
        for (int32_t k = 0; k < times[i]; ++k)
          config.io.everyStep.push_back(
              {HostEvent::Kind::Neuron, address[i], 0});
    }
    if (auto output = dyn_cast<crossbar::OutputOp>(op)) {
      odin::OutputPort port;
      port.name = output.getName().str();
      for (int64_t extent : output.getShape())
        port.shape.push_back(static_cast<uint32_t>(extent));
      port.neuron = numbers<uint8_t>(output.getAddress());
      config.io.outputs.push_back(std::move(port));
    }
  }
  config.io.leak = chip.getLeak();
  config.io.stepSeconds = chip.getDt().convertToDouble();
  findClearReferences();
  return std::move(config);
}

} // namespace

Expected<ChipConfig> chipConfig(ChipOp chip) {
  for (Chip kind : {Chip::Tiny, Chip::Odin})
    if (chip.getTarget() == odin::chipName(kind))
      return Emitter(chip, kind).run();
  return inputError("'" + chip.getTarget().str() +
                        "' is no chip with a crossbar that has an image",
                    "crossbar.chip '" + chip.getSymName().str() + "'",
                    "choose tinyodin or odin");
}

/// Attributes of a population that the compiler leaves for people.
static void describePopulation(crossbar::PopulationOp op,
                               proto::Population &population) {
  population.set_name(op.getName().str());
  for (int64_t extent : op.getShape())
    population.add_shape(static_cast<uint32_t>(extent));
  if (auto text = op->getAttrOfType<StringAttr>("location"))
    population.set_location(text.getValue().str());
  if (auto text = op->getAttrOfType<StringAttr>("kind"))
    population.set_kind(op.getTwinOf() ? "copy" : text.getValue().str());
  if (auto scale = op->getAttrOfType<FloatAttr>("scale"))
    population.set_scale(scale.getValueAsDouble());
  if (auto error = op->getAttrOfType<FloatAttr>("weight_error"))
    population.set_weight_error(error.getValueAsDouble());
  if (auto synapses = op->getAttrOfType<IntegerAttr>("synapses"))
    population.set_synapses(static_cast<uint64_t>(synapses.getInt()));
  population.set_weight_bits(4);
}

Expected<proto::Image> emitCrossbarImage(ChipOp chip,
                                         const std::string &notes) {
  auto config = chipConfig(chip);
  if (!config)
    return config.takeError();
  auto target = target::findTarget(chip.getTarget().str());
  if (!target)
    return target.takeError();
  proto::Image image;
  image.set_format(image::imageFormat);
  image.set_producer("hillock");
  *image.mutable_target() = target->proto();
  odin::toImage(*config, *image.mutable_crossbar());
  proto::Debug &debug = *image.mutable_debug();
  debug.set_network(chip.getSymName().str());
  debug.set_notes_json(notes);
  for (auto input : chip.getBody().getOps<crossbar::InputOp>()) {
    proto::Population &population = *debug.add_population();
    population.set_name(input.getName().str());
    population.set_is_input(true);
    for (int64_t extent : input.getShape())
      population.add_shape(static_cast<uint32_t>(extent));
  }
  for (auto op : chip.getBody().getOps<crossbar::PopulationOp>()) {
    describePopulation(op, *debug.add_population());
    proto::CrossbarOutput &place = *image.mutable_crossbar()->add_population();
    place.set_name(op.getName().str());
    for (int64_t extent : op.getShape())
      place.add_shape(static_cast<uint32_t>(extent));
    for (uint8_t address : numbers<uint8_t>(op.getAddress()))
      place.add_address(address);
  }
  return std::move(image);
}

Error compareCrossbar(ChipOp chip, const ChipConfig &config) {
  const auto differs = [&](const std::string &what, const std::string &where) {
    return makeError(ErrorKind::Mismatch, what, where,
                     "please report this: the image is wrong");
  };
  auto expected = chipConfig(chip);
  if (!expected)
    return expected.takeError();
  // Straight from the words, by their meaning, not by the writer's functions.
  std::vector<std::vector<int>> rows(odin::kNeurons,
                                     std::vector<int>(odin::kNeurons, 0));
  for (auto op : chip.getBody().getOps<SynapsesOp>()) {
    const auto sources = numbers<uint8_t>(op.getSources());
    const auto weights = numbers<int8_t>(op.getWeights());
    for (size_t r = 0; r < sources.size(); ++r)
      for (size_t n = 0; n < chip.getSweep(); ++n)
        rows[sources[r]][n] = weights[r * chip.getSweep() + n];
  }
  for (unsigned s = 0; s < odin::kNeurons; ++s)
    for (unsigned n = 0; n < odin::kNeurons; ++n) {
      const unsigned code = config.synapse(s, n);
      int weight = emu::odin::tinyWeight(code);
      if (config.chip == Chip::Odin) {
        weight = static_cast<int>(
            emu::odin::odinWeight(code, config.registers.propagateUnmapped));
        weight = config.registers.inhibitory[s] ? -weight : weight;
      }
      if (weight != rows[s][n])
        return differs(
            "the image has a weight of " + std::to_string(weight) +
                " where the network has " + std::to_string(rows[s][n]),
            "synapse " + std::to_string(s) + " to " + std::to_string(n));
    }
  for (unsigned n = 0; n < odin::kNeurons; ++n)
    if (!(config.neurons[n] == expected->neurons[n]))
      return differs("its word differs", "neuron " + std::to_string(n));
  if (!(config.io == expected->io))
    return differs("inputs, outputs or steps differ", "ports");
  return Error::success();
}

} // namespace hillock::backends
