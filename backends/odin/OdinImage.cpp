//===- backends/odin/OdinImage.cpp ----------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "backends/odin/OdinImage.h"
#include "base/Describe.h"

namespace hillock::odin {

namespace {

constexpr const char *recompile = "the image is damaged: recompile the model";

constexpr unsigned wordBytes(Chip chip) { return chip == Chip::Tiny ? 4 : 16; }

void addMemory(proto::CrossbarImage &section, proto::Role role, unsigned words,
               std::string data) {
  proto::MemoryWords &memory = *section.add_memory();
  memory.set_role(role);
  memory.set_words(words);
  memory.set_data(std::move(data));
}

template <typename From, typename To> void copyAll(const From &from, To *to) {
  to->Reserve(static_cast<int>(from.size()));
  for (const auto &value : from)
    to->Add(value);
}

class Reader {
public:
  Reader(const proto::Image &from, const std::string &ofFile)
      : image(from), section(from.crossbar()), name(ofFile) {}
  Expected<ChipConfig> run();

private:
  Error bad(const std::string &what, const std::string &where) const {
    return inputError(what, name + ": " + where, recompile);
  }
  Expected<const std::string *> bytes(proto::Role role, size_t size) const;
  Error readMemories(ChipConfig &config) const;
  Error readRegisters(ChipConfig &config) const;
  Error readInputs(ChipConfig &config) const;
  Error readOutputs(ChipConfig &config) const;
  Expected<HostEvent> event(uint32_t address, int32_t weight, Chip chip,
                            const std::string &where) const;

  const proto::Image &image;
  const proto::CrossbarImage &section;
  const std::string &name;
};

Expected<const std::string *> Reader::bytes(proto::Role role,
                                            size_t size) const {
  for (const proto::MemoryWords &memory : section.memory())
    if (memory.role() == role) {
      if (memory.data().size() == size)
        return &memory.data();
      return bad("the memory has " + withSeparators(memory.data().size()) +
                     " bytes, expected " + withSeparators(size),
                 proto::Role_Name(role));
    }
  return bad("the memory is missing", proto::Role_Name(role));
}

uint64_t littleEndian(const std::string &bytes, size_t at, unsigned count) {
  uint64_t value = 0;
  for (unsigned i = 0; i < count; ++i)
    value |= uint64_t(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return value;
}

Error Reader::readMemories(ChipConfig &config) const {
  const unsigned bytesPerWord = wordBytes(config.chip);
  auto neurons = bytes(proto::NEURON, size_t(kNeurons) * bytesPerWord);
  if (!neurons)
    return neurons.takeError();
  auto synapses = bytes(proto::CROSSBAR, size_t(kSynapseWords) * 4);
  if (!synapses)
    return synapses.takeError();
  for (unsigned n = 0; n < kNeurons; ++n) {
    const size_t at = size_t(n) * bytesPerWord;
    const bool wide = bytesPerWord == 16;
    config.neurons[n].lo = littleEndian(**neurons, at, wide ? 8 : 4);
    config.neurons[n].hi = wide ? littleEndian(**neurons, at + 8, 8) : 0;
  }
  for (unsigned w = 0; w < kSynapseWords; ++w)
    config.synapses[w] =
        static_cast<uint32_t>(littleEndian(**synapses, size_t(w) * 4, 4));
  return Error::success();
}

Error Reader::readRegisters(ChipConfig &config) const {
  const unsigned count = registerCount(config.chip);
  if (section.register__size() != static_cast<int>(count))
    return bad("there are " + std::to_string(section.register__size()) +
                   " registers, expected " + std::to_string(count),
               "registers");
  for (unsigned a = 0; a < count; ++a) {
    const uint32_t value = section.register_(static_cast<int>(a));
    if ((value >> registerBits(config.chip, a)) != 0)
      return bad("the value " + std::to_string(value) + " is too large",
                 "register " + registerName(config.chip, a));
    config.registers.write(config.chip, a, value);
  }
  return Error::success();
}

Expected<HostEvent> Reader::event(uint32_t address, int32_t weight, Chip chip,
                                  const std::string &where) const {
  const bool isVirtual = weight != 0;
  const uint32_t most = isVirtual && chip == Chip::Tiny ? 15 : kNeurons - 1;
  const int32_t low = chip == Chip::Tiny ? -8 : -7;
  if (address > most || weight < low || weight > 7)
    return bad("an event with address " + std::to_string(address) +
                   " and weight " + std::to_string(weight),
               where);
  return HostEvent{isVirtual ? HostEvent::Kind::Virtual
                             : HostEvent::Kind::Neuron,
                   static_cast<uint8_t>(address), static_cast<int8_t>(weight)};
}

uint64_t elements(const google::protobuf::RepeatedField<uint32_t> &shape) {
  uint64_t count = 1;
  for (uint32_t extent : shape)
    count = extent > UINT32_MAX / std::max<uint64_t>(count, 1)
                ? UINT64_MAX >> 16
                : count * extent;
  return count;
}

Error Reader::readInputs(ChipConfig &config) const {
  for (const proto::CrossbarInput &port : section.input()) {
    const std::string where = "input '" + port.name() + "'";
    InputPort input;
    input.name = port.name();
    input.shape.assign(port.shape().begin(), port.shape().end());
    input.first.assign(port.first().begin(), port.first().end());
    const auto count = static_cast<uint32_t>(port.address_size());
    bool good = static_cast<uint64_t>(port.first_size()) ==
                    elements(port.shape()) + 1 &&
                port.weight_size() == port.address_size() &&
                input.first.front() == 0 && input.first.back() == count;
    for (size_t i = 1; good && i < input.first.size(); ++i)
      good = input.first[i - 1] <= input.first[i];
    if (!good)
      return bad("its lists do not agree with its shape", where);
    for (int i = 0; i < port.address_size(); ++i) {
      auto read = event(port.address(i), port.weight(i), config.chip, where);
      if (!read)
        return read.takeError();
      input.events.push_back(*read);
    }
    config.io.inputs.push_back(std::move(input));
  }
  for (uint32_t address : section.always()) {
    auto read = event(address, 0, config.chip, "biases");
    if (!read)
      return read.takeError();
    config.io.everyStep.push_back(*read);
  }
  return Error::success();
}

Error Reader::readOutputs(ChipConfig &config) const {
  const auto check = [&](const proto::CrossbarOutput &port,
                         const std::string &where) {
    bool good =
        elements(port.shape()) == static_cast<uint64_t>(port.address_size());
    for (uint32_t address : port.address())
      good &= address < kNeurons;
    return good ? Error::success()
                : bad("its addresses do not agree with its shape or the chip",
                      where);
  };
  for (const proto::CrossbarOutput &port : section.output()) {
    if (Error error = check(port, "output '" + port.name() + "'"))
      return error;
    OutputPort output;
    output.name = port.name();
    output.shape.assign(port.shape().begin(), port.shape().end());
    output.neuron.assign(port.address().begin(), port.address().end());
    config.io.outputs.push_back(std::move(output));
  }
  for (const proto::CrossbarOutput &port : section.population())
    if (Error error = check(port, "layer '" + port.name() + "'"))
      return error;
  return Error::success();
}

Expected<ChipConfig> Reader::run() {
  const std::string &target = image.target().name();
  if (target != chipName(Chip::Tiny) && target != chipName(Chip::Odin))
    return inputError("target '" + target +
                          "' has a crossbar, but its chip "
                          "is not known",
                      name, "compile for tinyodin or odin");
  ChipConfig config(target == chipName(Chip::Tiny) ? Chip::Tiny : Chip::Odin);
  if (!image.has_crossbar())
    return bad("the section of the crossbar is missing", "target " + target);
  if (Error error = readMemories(config))
    return std::move(error);
  if (Error error = readRegisters(config))
    return std::move(error);
  if (Error error = readInputs(config))
    return std::move(error);
  if (Error error = readOutputs(config))
    return std::move(error);
  config.io.leak = section.leak();
  config.io.stepSeconds = section.dt_seconds();
  if (section.clear_references() > 65536)
    return bad("too many time references", "clear_references");
  config.io.clearReferences = section.clear_references();
  return std::move(config);
}

} // namespace

void toImage(const ChipConfig &config, proto::CrossbarImage &section) {
  std::string neurons, synapses;
  const auto append = [](std::string &to, uint64_t value, unsigned count) {
    for (unsigned i = 0; i < count; ++i)
      to.push_back(static_cast<char>(value >> (8 * i)));
  };
  const bool wide = wordBytes(config.chip) == 16;
  for (const Word128 &word : config.neurons) {
    append(neurons, word.lo, wide ? 8 : 4);
    if (wide)
      append(neurons, word.hi, 8);
  }
  for (uint32_t word : config.synapses)
    append(synapses, word, 4);
  addMemory(section, proto::NEURON, kNeurons, std::move(neurons));
  addMemory(section, proto::CROSSBAR, kSynapseWords, std::move(synapses));
  for (unsigned a = 0; a < registerCount(config.chip); ++a)
    section.add_register_(registerValue(config.chip, config.registers, a));
  for (const InputPort &input : config.io.inputs) {
    proto::CrossbarInput &port = *section.add_input();
    port.set_name(input.name);
    copyAll(input.shape, port.mutable_shape());
    copyAll(input.first, port.mutable_first());
    for (const HostEvent &event : input.events) {
      port.add_address(event.address);
      port.add_weight(event.weight);
    }
  }
  for (const OutputPort &output : config.io.outputs) {
    proto::CrossbarOutput &port = *section.add_output();
    port.set_name(output.name);
    copyAll(output.shape, port.mutable_shape());
    copyAll(output.neuron, port.mutable_address());
  }
  for (const HostEvent &event : config.io.everyStep)
    section.add_always(event.address);
  section.set_leak(config.io.leak);
  section.set_dt_seconds(config.io.stepSeconds);
  section.set_clear_references(config.io.clearReferences);
}

Expected<ChipConfig> fromImage(const proto::Image &image,
                               const std::string &name) {
  return Reader(image, name).run();
}

} // namespace hillock::odin
