//===- tools/hillock/CrossbarModel.cpp ------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/CrossbarModel.h"
#include "backends/odin/OdinImage.h"
#include "base/Describe.h"
#include "compiler/pipeline/Pipeline.h"
#include "runtime/crossbar/CrossbarSession.h"
#include "tools/hillock/StimulusFrame.h"
#include "tools/hillock/Summary.h"
#include "llvm/ADT/DenseMap.h"
#include <nlohmann/json.hpp>

namespace hillock::tool {

bool isCrossbar(const image::LoadedImage &image) {
  return odin::isCrossbarImage(image.proto);
}

namespace {

Error noProbes(const LevelOptions &options) {
  if (options.probes.empty())
    return Error::success();
  return makeError(ErrorKind::Usage, "a chip with a crossbar shows spikes only",
                   "--probe", "probe the level of real numbers");
}

//===----------------------------------------------------------------------===//
// The integer level
//===----------------------------------------------------------------------===//

class ChipFrame final : public StimulusFrame {
public:
  Expected<Signal> input(mlir::Operation *op) override {
    auto port = llvm::cast<crossbar::InputOp>(op);
    return eventsOf(port.getName(), port.getShape());
  }

  void record(mlir::Operation *op, const Signal &signal) override {
    const auto found = targets.find(op);
    if (found == targets.end())
      return;
    for (size_t n = 0; n < signal.size(); ++n)
      if (signal[n] != 0)
        found->second->events.push_back({static_cast<uint32_t>(now),
                                         static_cast<uint32_t>(n),
                                         static_cast<float>(signal[n])});
  }

  llvm::DenseMap<mlir::Operation *, runtime::SpikeTrain *> targets;
};

class ChipRunner : public Runner {
public:
  explicit ChipRunner(crossbar::ChipOp chip) : chip(chip) {}

  Expected<LevelResult> run(const Stimuli &stimuli,
                            const LevelOptions &options) override {
    if (Error error = noProbes(options))
      return std::move(error);
    LevelResult result;
    result.steps = options.steps;
    for (const auto &[name, stimulus] : stimuli) {
      if (!options.steps)
        result.steps = std::max(result.steps, stimulus.steps);
      result.inputSpikes += stimulus.events.size();
    }
    result.chipSteps = result.steps;
    prepare(result);
    frame.stimuli = &stimuli;
    frame.limit = result.steps;
    frame.resetStates();
    for (frame.now = 0; frame.now < result.steps; ++frame.now)
      if (Error error = chip.evaluate(frame))
        return std::move(error);
    if (!options.populations)
      result.populations.clear();
    return result;
  }

private:
  void prepare(LevelResult &result) {
    frame.targets.clear();
    result.outputs.reserve(256); // they are pointed at
    result.populations.reserve(256);
    for (auto op : chip.getBody().getOps<crossbar::OutputOp>()) {
      result.outputs.push_back(
          {op.getName().str(), op.getShape().vec(), result.steps, {}});
      frame.targets[op] = &result.outputs.back();
    }
    for (auto op : chip.getBody().getOps<crossbar::PopulationOp>()) {
      if (op.getTwinOf())
        continue;
      result.populations.push_back(
          {op.getName().str(), op.getShape().vec(), result.steps, {}});
      frame.targets[op] = &result.populations.back();
    }
  }

  crossbar::ChipOp chip;
  ChipFrame frame;
};

class ChipModel : public Model {
public:
  explicit ChipModel(std::shared_ptr<pipeline::Compilation> from)
      : compilation(std::move(from)) {
    level = Level::Integer;
    conventions = compilation->conventions();
    remarks = compilation->remarks();
    crossbar::ChipOp chip = compilation->crossbar();
    network = chip.getSymName().str();
    for (auto input : chip.getBody().getOps<crossbar::InputOp>())
      inputs.push_back({input.getName().str(), input.getShape().vec()});
    chip.getContext()->enableMultithreading();
  }
  Expected<std::unique_ptr<Runner>> runner(unsigned) override {
    return std::make_unique<ChipRunner>(compilation->crossbar());
  }

private:
  std::shared_ptr<pipeline::Compilation> compilation;
};

//===----------------------------------------------------------------------===//
// The chip level
//===----------------------------------------------------------------------===//

class DeviceRunner : public Runner {
public:
  explicit DeviceRunner(runtime::CrossbarSession session)
      : session(std::move(session)) {}

  Expected<LevelResult> run(const Stimuli &stimuli,
                            const LevelOptions &options) override {
    if (Error error = noProbes(options))
      return std::move(error);
    Expected<runtime::CrossbarResult> run = session.run(stimuli, options.steps);
    if (!run)
      return run.takeError();
    LevelResult result;
    result.steps = result.chipSteps = run->steps;
    result.outputs = std::move(run->outputs);
    if (options.populations)
      result.populations = std::move(run->populations);
    result.inputSpikes = run->inputSpikes;
    CrossbarCostSum &cost = result.crossbar.emplace();
    cost.cycles = run->cost.work.cycles;
    cost.clearCycles = run->cost.clearCycles;
    cost.neuronEvents = run->cost.work.neuronEvents;
    cost.virtualEvents = run->cost.work.virtualEvents;
    cost.sops = run->cost.work.sops;
    cost.spikes = run->spikes;
    cost.lost = run->cost.work.lost;
    cost.milliseconds = run->cost.energy.milliseconds;
    cost.nanojoules = run->cost.energy.nanojoules();
    cost.megahertz = run->cost.energy.megahertz;
    cost.programCycles = session.programming().cycles;
    cost.sameChip = run->cost.energy.sameChip;
    return result;
  }

private:
  runtime::CrossbarSession session;
};

class CrossbarImageModel : public Model {
public:
  explicit CrossbarImageModel(std::shared_ptr<const image::LoadedImage> image)
      : loaded(std::move(image)) {
    const proto::Image &proto = loaded->proto;
    network = proto.debug().network();
    for (const proto::CrossbarInput &port : proto.crossbar().input())
      inputs.push_back(
          {port.name(), {port.shape().begin(), port.shape().end()}});
    const auto notes = nlohmann::json::parse(proto.debug().notes_json(),
                                             nullptr, /*exceptions=*/false);
    if (notes.is_object() && notes.contains("remarks"))
      for (const auto &remark : notes["remarks"])
        if (remark.is_string())
          remarks.push_back(remark);
  }

  std::shared_ptr<const image::LoadedImage> crossbarImage() const override {
    return loaded;
  }

  Expected<std::unique_ptr<Runner>> runner(unsigned) override {
    Expected<runtime::CrossbarSession> session =
        runtime::CrossbarSession::open(loaded->proto, path);
    if (!session)
      return session.takeError();
    return std::make_unique<DeviceRunner>(std::move(*session));
  }

private:
  std::shared_ptr<const image::LoadedImage> loaded;
};

} // namespace

std::unique_ptr<Model>
crossbarLevelModel(std::shared_ptr<pipeline::Compilation> compilation,
                   std::string path) {
  auto model = std::make_unique<ChipModel>(std::move(compilation));
  model->path = std::move(path);
  return model;
}

std::unique_ptr<Model>
crossbarImageModel(std::shared_ptr<const image::LoadedImage> image,
                   std::string path) {
  auto model = std::make_unique<CrossbarImageModel>(std::move(image));
  model->path = std::move(path);
  return model;
}

//===----------------------------------------------------------------------===//
// For people
//===----------------------------------------------------------------------===//

std::vector<runtime::LayerRow> crossbarLayers(const proto::Image &image) {
  std::vector<runtime::LayerRow> rows;
  for (const proto::Population &population : image.debug().population()) {
    if (population.is_input())
      continue;
    runtime::LayerRow row;
    row.name = population.name();
    row.kind = population.kind();
    row.location = population.location();
    row.shape = {population.shape().begin(), population.shape().end()};
    row.neurons = 1;
    for (int64_t extent : row.shape)
      row.neurons *= static_cast<uint64_t>(extent);
    row.synapses = population.synapses();
    row.cores = 1;
    row.weightBits = population.weight_bits();
    row.scale = population.scale();
    row.weightError = population.weight_error();
    rows.push_back(std::move(row));
  }
  return rows;
}

void describeCrossbar(const image::LoadedImage &image, Output &out) {
  const proto::CrossbarImage &section = image.proto.crossbar();
  Expected<odin::ChipConfig> config = odin::fromImage(image.proto, "image");
  if (!config) {
    out.warning(takeText(config.takeError()));
    return;
  }
  const auto layers = crossbarLayers(image.proto);
  uint64_t neurons = 0, synapses = 0;
  for (const runtime::LayerRow &row : layers) {
    neurons += row.neurons;
    synapses += row.synapses;
  }
  uint64_t virtualEvents = 0;
  std::vector<bool> rows(odin::kNeurons, false);
  for (const proto::CrossbarInput &port : section.input())
    for (int i = 0; i < port.address_size(); ++i) {
      virtualEvents += port.weight(i) != 0;
      if (port.weight(i) == 0)
        rows[port.address(i)] = true;
    }
  for (uint32_t address : section.always())
    rows[address] = true;
  const auto inputRows =
      static_cast<uint64_t>(std::count(rows.begin(), rows.end(), true));
  out.item("network", describeCount(neurons, "neuron") + ", " +
                          describeCount(synapses, "synapse"));
  out.item("chip", image.target.name() + ": " + std::to_string(neurons) +
                       " of 256 addresses are neurons, " +
                       std::to_string(inputRows) +
                       " are rows of inputs and biases");
  if (virtualEvents != 0)
    out.item("virtual events",
             withSeparators(virtualEvents) + " synapses of inputs");
  out.item("time steps", section.leak()
                             ? "end with a time reference (leak)"
                             : "need no time reference, for nothing leaks");
  out.item("between inputs",
           section.clear_references() != 0
               ? describeCount(section.clear_references(), "time reference") +
                     " clear the potentials"
               : "potentials are written by SPI");
  out.item("neuron event",
           withSeparators(uint64_t{odin::maxSweepCycles(*config)}) +
               " cycles and 6 for each spike");
  out.line();
  out.text += layerTable(layers, false);
  out.document["neurons"] = neurons;
  out.document["synapses"] = synapses;
  out.document["cores"] = 1;
  out.document["chips"] = 1;
  out.document["layers"] = toJson(layers);
  Json registers = Json::object();
  for (unsigned a = 0; a < odin::registerCount(config->chip); ++a)
    registers[odin::registerName(config->chip, a)] =
        odin::registerValue(config->chip, config->registers, a);
  out.document["crossbar"] = {{"input_rows", inputRows},
                              {"virtual_events", virtualEvents},
                              {"leak", section.leak()},
                              {"clear_references", section.clear_references()},
                              {"sweep_cycles", odin::maxSweepCycles(*config)},
                              {"registers", std::move(registers)}};
}

void showCost(const CrossbarCostSum &cost, size_t samples, Output &out) {
  const auto count = static_cast<double>(std::max<size_t>(samples, 1));
  const auto per = [&](uint64_t sum) {
    return static_cast<double>(sum) / count;
  };
  const std::string each = samples == 1 ? "" : " a sample";
  out.item("cycles", fixed(per(cost.cycles), 0) + each + ", and " +
                         fixed(per(cost.clearCycles), 0) +
                         " to clear the chip before it");
  out.item("time", fixed(cost.milliseconds / count, 3) + " ms" + each + " at " +
                       plain(cost.megahertz) + " MHz");
  out.item("energy",
           fixed(cost.nanojoules / count, 1) + " nJ" + each + ", by " +
               (cost.sameChip
                    ? "the power model of ODIN's paper (0.55 V)"
                    : "ODIN's power model (0.55 V; tinyODIN was never made)"));
  out.item("synaptic operations", fixed(per(cost.sops), 0) + each);
  if (cost.lost != 0)
    out.warning(withSeparators(cost.lost) +
                " spikes found the chip's queue full and did not act");
  out.document["crossbar"] = {{"cycles", per(cost.cycles)},
                              {"clear_cycles", per(cost.clearCycles)},
                              {"program_cycles", cost.programCycles},
                              {"milliseconds", cost.milliseconds / count},
                              {"nanojoules", cost.nanojoules / count},
                              {"megahertz", cost.megahertz},
                              {"neuron_events", per(cost.neuronEvents)},
                              {"virtual_events", per(cost.virtualEvents)},
                              {"synaptic_operations", per(cost.sops)},
                              {"spikes", per(cost.spikes)},
                              {"lost_spikes", cost.lost}};
}

} // namespace hillock::tool
