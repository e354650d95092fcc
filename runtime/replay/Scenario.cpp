//===- runtime/replay/Scenario.cpp - Image, run, comparison ---------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/replay/Scenario.h"
#include "image/Pack.h"
#include <algorithm>
#include <bit>

namespace hillock::runtime {

namespace {

constexpr proto::Role paramRoles[] = {
    proto::COMPARTMENT, proto::COMPARTMENT_PROFILE, proto::THRESHOLD_PROFILE,
    proto::CORE_CONFIG};

/// The loihi target with room for parameters that the chip does not have.
/// Cases of other neuron models, and values that a simulator allows but a
/// register does not hold, need it; everything else stays as it is.
class ReplayTarget {
public:
  explicit ReplayTarget(proto::Target base) : target(std::move(base)) {
    target.set_name(target.name() + "-replay");
    target.clear_neuron_program();
    // Lava's DelayDense goes to 63 with 64 slots.
    target.mutable_delays()->set_headroom(1);
  }

  Error makeRoom(const std::string &param, int64_t value) {
    for (proto::Role role : paramRoles)
      for (proto::Memory &memory : *target.mutable_memory())
        if (memory.role() == role)
          for (proto::Field &field : *memory.mutable_field())
            if (field.name() == param)
              return widen(memory, field, value);
    return addField(param, value);
  }

  Expected<target::TargetModel> create() && {
    return target::TargetModel::create(std::move(target), "replay target");
  }

private:
  static uint32_t bitsFor(int64_t value, bool isSigned) {
    uint64_t magnitude = value < 0 ? ~uint64_t(value) : uint64_t(value);
    uint32_t width = static_cast<uint32_t>(std::bit_width(magnitude));
    return std::max(1u, width + (isSigned ? 1 : 0));
  }

  static uint32_t roomIn(const proto::Memory &memory) {
    uint32_t used = 0;
    for (const proto::Field &field : memory.field())
      used += field.bits();
    return used < 64 ? 64 - used : 0;
  }

  static void grow(proto::Memory &memory) {
    memory.set_word_bits(std::max(memory.word_bits(), 64 - roomIn(memory)));
  }

  Error widen(proto::Memory &memory, proto::Field &field, int64_t value) {
    bool isSigned = field.is_signed() || value < 0;
    uint32_t bits = field.bits() + (isSigned && !field.is_signed() ? 1 : 0);
    bits = std::max(bits, bitsFor(value, isSigned));
    if (field.has_min())
      field.set_min(std::min<int64_t>(field.min(), value));
    if (field.has_max())
      field.set_max(std::max<int64_t>(field.max(), value));
    uint32_t more = bits - field.bits();
    if (more > roomIn(memory))
      return noRoom(field.name(), value);
    field.set_is_signed(isSigned);
    field.set_bits(bits);
    grow(memory);
    return Error::success();
  }

  Error addField(const std::string &param, int64_t value) {
    uint32_t bits = bitsFor(value, true);
    for (proto::Role role : {proto::COMPARTMENT_PROFILE,
                             proto::THRESHOLD_PROFILE, proto::CORE_CONFIG})
      for (proto::Memory &memory : *target.mutable_memory())
        if (memory.role() == role && roomIn(memory) >= bits) {
          proto::Field &field = *memory.add_field();
          field.set_name(param);
          field.set_bits(bits);
          field.set_is_signed(true);
          grow(memory);
          return Error::success();
        }
    return noRoom(param, value);
  }

  static Error noRoom(const std::string &param, int64_t value) {
    return inputError("no room for parameter '" + param + "' = " +
                      std::to_string(value) + " in any memory of the target");
  }

  proto::Target target;
};

/// Where a value of a parameter goes in a core with one compartment.
void setParam(image::CoreTables &tables, const target::TargetModel &target,
              const std::string &name, int64_t value) {
  if (target.field(proto::COMPARTMENT, name))
    tables.compartmentFields[name] = {static_cast<int32_t>(value)};
  else if (target.field(proto::COMPARTMENT_PROFILE, name))
    tables.compartmentProfiles[0][name] = value;
  else if (target.field(proto::THRESHOLD_PROFILE, name))
    tables.thresholdProfiles[0][name] = value;
  else
    tables.config[name] = value;
}

uint8_t formatIndex(image::CoreTables &tables,
                    const image::SynapseFormat &format) {
  auto at = std::find(tables.formats.begin(), tables.formats.end(), format);
  size_t index = size_t(at - tables.formats.begin());
  if (at == tables.formats.end())
    tables.formats.push_back(format);
  return static_cast<uint8_t>(index);
}

struct Wiring {
  std::vector<image::CoreTables> cores;
  /// By input of the scenario: the spikes that the host sends for it.
  std::vector<std::vector<emu::HostSpike>> inputs;
  std::vector<image::Program> programs;

  /// Neurons with the same program share it.
  uint32_t addProgram(const image::Program &program) {
    auto at = std::find(programs.begin(), programs.end(), program);
    uint32_t index = static_cast<uint32_t>(at - programs.begin());
    if (at == programs.end())
      programs.push_back(program);
    return index;
  }
};

Expected<Wiring> wire(const Scenario &scenario,
                      const target::TargetModel &target) {
  Wiring result;
  result.inputs.resize(scenario.inputs.size());
  std::vector<std::vector<image::AxonOut>> outs(scenario.neurons.size());
  for (uint32_t n = 0; n < scenario.neurons.size(); ++n) {
    image::CoreTables tables;
    tables.core = n;
    tables.program = result.addProgram(scenario.neurons[n].program);
    tables.compartments = 1;
    tables.compartmentProfiles.resize(1);
    tables.thresholdProfiles.resize(1);
    tables.profileOf = {0};
    tables.thresholdOf = {0};
    uint32_t longest = 0;
    for (const Scenario::Synapse &s : scenario.synapses) {
      if (s.target != n)
        continue;
      uint32_t axon = static_cast<uint32_t>(tables.axonsIn.size());
      tables.axonsIn.push_back({image::AxonType::Discrete, axon, 1, 0});
      tables.rows.format.push_back(formatIndex(tables, s.format));
      tables.rows.target.push_back(0);
      tables.rows.mantissa.push_back(static_cast<int16_t>(s.mantissa));
      tables.rows.delay.push_back(static_cast<uint8_t>(s.delay));
      tables.rows.first.push_back(axon + 1);
      longest = std::max(longest, s.delay);
      if (s.fromInput)
        result.inputs[s.source].push_back({n, axon, 0, 1});
      else
        outs[s.source].push_back(
            {image::AxonType::Discrete, 0, n, static_cast<uint16_t>(axon), 0});
    }
    if (longest == 0)
      tables.rows.delay.clear();
    auto delayBits = target.delayBitsFor(longest, 1);
    if (!delayBits)
      return inputError("delay " + std::to_string(longest) +
                        " is longer than the target allows");
    tables.config["delay_bits"] = *delayBits;
    for (const auto &[name, value] : scenario.neurons[n].params)
      setParam(tables, target, name, value);
    result.cores.push_back(std::move(tables));
  }
  for (uint32_t n = 0; n < outs.size(); ++n) {
    result.cores[n].axonsOut = outs[n];
    result.cores[n].outFirst = {0, static_cast<uint32_t>(outs[n].size())};
  }
  return result;
}

Expected<target::TargetModel> replayTarget(const Scenario &scenario) {
  Expected<target::TargetModel> loihi = target::findTarget("loihi");
  if (!loihi)
    return loihi.takeError();
  ReplayTarget builder(loihi->proto());
  for (const Scenario::Neuron &neuron : scenario.neurons) {
    for (const std::string &param : neuron.program.params)
      if (!neuron.params.count(param))
        return makeError(ErrorKind::Internal,
                         "no value for parameter '" + param + "'");
    for (const auto &[name, value] : neuron.params)
      if (Error error = builder.makeRoom(name, value))
        return std::move(error);
  }
  return std::move(builder).create();
}

struct Built {
  std::shared_ptr<const image::LoadedImage> image;
  std::vector<std::vector<emu::HostSpike>> inputs;
};

Expected<Built> build(const Scenario &scenario) {
  Expected<target::TargetModel> target = replayTarget(scenario);
  if (!target)
    return target.takeError();
  Expected<Wiring> wiring = wire(scenario, *target);
  if (!wiring)
    return wiring.takeError();
  proto::Image image;
  image.set_format(image::imageFormat);
  image.set_producer("replay");
  *image.mutable_target() = target->proto();
  for (const image::Program &program : wiring->programs)
    *image.add_program() = image::toProto(program);
  for (const image::CoreTables &tables : wiring->cores) {
    Expected<proto::Core> core = image::pack(tables, *target);
    if (!core)
      return core.takeError();
    *image.add_core() = std::move(*core);
  }
  // Through the bytes: what is replayed is what a file would hold.
  Expected<proto::Image> parsed =
      image::parseImage(image::serialize(image), scenario.name);
  if (!parsed)
    return parsed.takeError();
  Expected<image::LoadedImage> loaded =
      image::load(std::move(*parsed), scenario.name);
  if (!loaded)
    return loaded.takeError();
  return Built{std::make_shared<image::LoadedImage>(std::move(*loaded)),
               std::move(wiring->inputs)};
}

/// Moves a scenario through its steps and its traces along with it.
class Comparison {
public:
  Comparison(const Scenario &scenario, emu::Emulator &emulator,
             const std::vector<std::vector<emu::HostSpike>> &inputs,
             ReplayResult &result)
      : scenario(scenario), emulator(emulator), inputs(inputs), result(result) {
  }

  Error run() {
    size_t steps = 0;
    for (const Scenario::Trace &trace : scenario.traces)
      steps = std::max(steps, trace.expected.size());
    for (size_t i = 0; i < steps; ++i) {
      if (Error error = feed(i))
        return error;
      emulator.step();
      for (const Scenario::Trace &trace : scenario.traces)
        if (i < trace.expected.size())
          if (Error error = compare(trace, i))
            return error;
    }
    ++result.cases;
    result.fields += scenario.traces.size();
    return Error::success();
  }

private:
  /// Before step i + 1: spikes stamped i, and the step's injections.
  Error feed(size_t i) {
    for (size_t k = 0; k < inputs.size(); ++k)
      for (int64_t step : scenario.inputs[k])
        if (step == int64_t(i))
          if (Error error = emulator.send(inputs[k]))
            return error;
    for (const Scenario::Injection &injection : scenario.injections)
      if (i < injection.values.size())
        if (Error error =
                emulator.inject(injection.neuron, 0, injection.port,
                                static_cast<int32_t>(injection.values[i])))
          return error;
    return Error::success();
  }

  Error compare(const Scenario::Trace &trace, size_t i) {
    int64_t got = 0;
    if (trace.state == "s") {
      for (const emu::Spike &spike : emulator.spikes())
        if (spike.core == trace.neuron)
          got = spike.payload;
    } else if (!trace.state.empty()) {
      Expected<std::vector<int32_t>> values =
          emulator.read(trace.neuron, trace.state);
      if (!values)
        return values.takeError();
      got = (*values)[0];
    }
    if (trace.wrapBits) {
      int64_t half = int64_t{1} << *trace.wrapBits;
      got = ((got + half) & (2 * half - 1)) - half;
    }
    ++result.values;
    if (got != trace.expected[i] && !differs) {
      differs = true;
      const std::string &neuron = scenario.neurons[trace.neuron].name;
      result.differences.push_back(
          {scenario.name,
           neuron.empty() ? trace.field : neuron + "." + trace.field, i + 1,
           trace.expected[i], got});
    }
    return Error::success();
  }

  const Scenario &scenario;
  emu::Emulator &emulator;
  const std::vector<std::vector<emu::HostSpike>> &inputs;
  ReplayResult &result;
  bool differs = false;
};

} // namespace

Expected<std::shared_ptr<const image::LoadedImage>>
buildScenario(const Scenario &scenario) {
  Expected<Built> built = build(scenario);
  if (!built)
    return built.takeError();
  return std::move(built->image);
}

Error runScenario(const Scenario &scenario, const ReplayOptions &options,
                  ReplayResult &result) {
  Expected<Built> built = build(scenario);
  if (!built)
    return built.takeError();
  emu::Options engine;
  engine.threads = options.threads;
  auto emulator = emu::Emulator::create(built->image, engine);
  if (!emulator)
    return emulator.takeError();
  return Comparison(scenario, **emulator, built->inputs, result).run();
}

} // namespace hillock::runtime
