//===- tools/hillock/LevelModel.cpp - Levels of a model -------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/pipeline/Pipeline.h"
#include "compiler/reference/Interpreter.h"
#include "image/InputCodes.h"
#include "tools/hillock/CrossbarModel.h"
#include "tools/hillock/Model.h"
#include "tools/hillock/SystemRunner.h"
#include <algorithm>

namespace hillock::tool {

namespace {

/// How far an op is behind the network, in steps; the quantizer writes it.
int64_t lagOf(mlir::Operation *op) {
  const auto lag = op->getAttrOfType<mlir::IntegerAttr>("lag");
  return lag ? lag.getInt() : 0;
}

/// What is read from a value, beside its numbers.
struct Reading {
  int64_t lag = 0;
  bool graded = false;
  double scale = 1; ///< so many units are one unit of the network
};

Reading readingOf(mlir::Value value, int64_t lag) {
  Reading reading{lag, !mlir::isa<snn::SpikesType>(value.getType()), 1};
  mlir::Operation *op = value.getDefiningOp();
  while (mlir::isa_and_nonnull<snn::FlattenOp>(op))
    op = op->getOperand(0).getDefiningOp();
  if (reading.graded && mlir::isa_and_nonnull<snn::PopulationOp>(op))
    if (const auto scale = op->getAttrOfType<mlir::FloatAttr>("scale"))
      reading.scale = scale.getValueAsDouble();
  return reading;
}

/// Takes the lag off; what the network itself would not have seen is dropped.
runtime::SpikeTrain toTrain(const reference::Recording &recording,
                            const Reading &reading, int64_t steps) {
  const int64_t lag = reading.lag;
  runtime::SpikeTrain train{
      recording.name, recording.shape, steps, {}, reading.graded};
  for (const reference::Event &event : recording.events)
    if (event.step >= lag && event.step - lag < steps)
      train.events.push_back({static_cast<uint32_t>(event.step - lag),
                              static_cast<uint32_t>(event.neuron),
                              static_cast<float>(event.value / reading.scale)});
  return train;
}

class NetworkRunner : public Runner {
public:
  NetworkRunner(snn::NetworkOp network, Level level)
      : network(network), level(level), interpreter(network),
        populations(reference::populationsOf(network)) {}

  Expected<LevelResult> run(const Stimuli &stimuli,
                            const LevelOptions &options) override;

private:
  Expected<reference::RunOptions> prepare(const LevelOptions &options);
  const reference::Population *find(const std::string &name) const;
  ProbeTrace slice(const ProbeRequest &request,
                   const reference::Recording &recording, int64_t steps) const;

  snn::NetworkOp network;
  Level level;
  reference::Interpreter interpreter;
  std::vector<reference::Population> populations;
};

const reference::Population *
NetworkRunner::find(const std::string &name) const {
  for (const reference::Population &population : populations)
    if (population.name == name)
      return &population;
  return nullptr;
}

Expected<reference::RunOptions>
NetworkRunner::prepare(const LevelOptions &options) {
  reference::RunOptions run;
  run.populations = options.populations;
  for (const ProbeRequest &request : options.probes) {
    const reference::Population *population = find(request.population);
    std::vector<std::string> names;
    for (const reference::Population &one : populations)
      names.push_back(one.name);
    if (!population)
      return makeError(
          ErrorKind::Usage,
          "the network has no population '" + request.population + "'",
          "--probe " + request.text, didYouMean(request.population, names));
    const int64_t size =
        snn::elementsOf(population->op->getResult(0).getType());
    if (request.last >= size)
      return makeError(ErrorKind::Usage,
                       "the population has " +
                           describeCount(static_cast<uint64_t>(size), "neuron"),
                       "--probe " + request.text);
    std::string state = request.state;
    if (state.empty())
      state = level == Level::Real ? "voltage" : "v";
    run.probes.push_back(request.population + ":" + state);
  }
  return run;
}

ProbeTrace NetworkRunner::slice(const ProbeRequest &request,
                                const reference::Recording &recording,
                                int64_t steps) const {
  ProbeTrace trace;
  trace.name = request.text;
  trace.population = request.population;
  trace.state = request.state;
  const int64_t last =
      request.last < 0 ? recording.neurons() - 1 : request.last;
  for (int64_t n = request.first; n <= last; ++n)
    trace.neurons.push_back(n);
  const int64_t lag = lagOf(find(request.population)->op);
  for (int64_t t = 0; t < steps; ++t) {
    const Signal signal = recording.at(t + lag);
    std::vector<double> row;
    for (int64_t n : trace.neurons)
      row.push_back(signal[static_cast<size_t>(n)]);
    trace.values.push_back(std::move(row));
  }
  return trace;
}

Expected<LevelResult> NetworkRunner::run(const Stimuli &stimuli,
                                         const LevelOptions &options) {
  Expected<reference::RunOptions> prepared = prepare(options);
  if (!prepared)
    return prepared.takeError();
  LevelResult result;
  reference::Inputs inputs;
  const std::optional<proto::InputCodes> codes = pipeline::codesOf(network);
  result.steps = options.steps;
  for (const auto &[name, stimulus] : stimuli) {
    if (!options.steps)
      result.steps = std::max(result.steps, stimulus.steps);
    std::vector<reference::Event> &events = inputs[name];
    for (const runtime::Event &event : stimulus.events)
      events.push_back(
          {event.step, event.neuron,
           codes ? image::payloadOf(*codes, event.value) : event.value});
    result.inputSpikes += events.size();
  }
  for (auto &[name, events] : inputs)
    std::erase_if(events, [&](const reference::Event &event) {
      return event.step >= result.steps;
    });
  int64_t lag = 0;
  for (const reference::Population &population : populations)
    lag = std::max(lag, lagOf(population.op));
  prepared->steps = result.steps + lag;
  Expected<reference::Trace> trace = interpreter.run(inputs, *prepared);
  if (!trace)
    return trace.takeError();
  result.chipSteps = prepared->steps;
  std::map<std::string, Reading> readings;
  for (snn::OutputOp output : network.outputs())
    readings[output.getName().str()] =
        readingOf(output.getValue(), lagOf(output));
  for (const reference::Recording &output : trace->outputs)
    result.outputs.push_back(
        toTrain(output, readings[output.name], result.steps));
  for (size_t i = 0; i < options.probes.size(); ++i)
    result.probes.push_back(
        slice(options.probes[i], trace->probes[i], result.steps));
  for (size_t i = options.probes.size(); i < trace->probes.size(); ++i)
    if (const reference::Population *one = find(trace->probes[i].name))
      result.populations.push_back(toTrain(
          trace->probes[i], readingOf(one->op->getResult(0), lagOf(one->op)),
          result.steps));
  return result;
}

class LevelModelOf : public Model {
public:
  LevelModelOf(std::shared_ptr<pipeline::Compilation> from, Level at)
      : compilation(std::move(from)) {
    level = at;
    conventions = compilation->conventions();
    remarks = compilation->remarks();
    if (level == Level::Cores) {
      Model::network = compilation->system().getSymName().str();
      inputs = systemInputs(compilation->system());
      return;
    }
    op = level == Level::Real ? compilation->real() : compilation->integer();
    Model::network = op.getSymName().str();
    for (snn::InputOp input : op.inputs())
      inputs.push_back({input.getName().str(),
                        snn::shapeOf(input.getResult().getType()).vec()});
    // Interpreters on several threads make attributes (default values).
    op.getContext()->enableMultithreading();
  }

  Expected<std::unique_ptr<Runner>> runner(unsigned) override {
    if (level == Level::Cores)
      return systemRunner(compilation->system());
    return std::make_unique<NetworkRunner>(op, level);
  }

private:
  std::shared_ptr<pipeline::Compilation> compilation;
  snn::NetworkOp op;
};

Expected<std::unique_ptr<Model>>
imageOf(const pipeline::Compilation &compilation, const std::string &path) {
  // Through its bytes: what is run is what would be written.
  Expected<proto::Image> parsed =
      image::parseImage(image::serialize(compilation.image()), path);
  if (!parsed)
    return parsed.takeError();
  Expected<image::LoadedImage> loaded = image::load(std::move(*parsed), path);
  if (!loaded)
    return loaded.takeError();
  std::unique_ptr<Model> model = imageModel(
      std::make_shared<const image::LoadedImage>(std::move(*loaded)), path);
  model->conventions = compilation.conventions();
  model->remarks = compilation.remarks();
  return model;
}

} // namespace

std::unique_ptr<Model>
levelModel(std::shared_ptr<pipeline::Compilation> compilation, Level level,
           std::string path) {
  if (level == Level::Integer && compilation->crossbar())
    return crossbarLevelModel(std::move(compilation), std::move(path));
  const bool there = level == Level::Real    ? bool(compilation->real())
                     : level == Level::Cores ? bool(compilation->system())
                                             : bool(compilation->integer());
  if (!there)
    return nullptr;
  auto model = std::make_unique<LevelModelOf>(std::move(compilation), level);
  model->path = std::move(path);
  return model;
}

Expected<std::unique_ptr<Model>> openModel(const std::string &path,
                                           std::optional<Level> level,
                                           const CompileOptions &options) {
  if (!isModelFile(path)) {
    if (Error error = checkImageLevel(path, level))
      return std::move(error);
    return openImage(path);
  }
  pipeline::Options run = *options;
  run.keepLevels = true;
  const Level wanted = level.value_or(Level::Real);
  run.to = wanted == Level::Real      ? pipeline::Phase::Snn
           : wanted == Level::Integer ? pipeline::Phase::Quantized
           : wanted == Level::Cores   ? pipeline::Phase::Mapped
                                      : pipeline::Phase::Image;
  auto compiled = pipeline::Compilation::run(path, run);
  if (!compiled)
    return compiled.takeError();
  std::shared_ptr<pipeline::Compilation> compilation = std::move(*compiled);
  if (wanted == Level::Chip)
    return imageOf(*compilation, path);
  std::unique_ptr<Model> model =
      levelModel(std::move(compilation), wanted, path);
  if (!model && wanted == Level::Cores)
    return makeError(ErrorKind::Usage,
                     "a chip with a crossbar has no level of cores",
                     "--level cores", "take the integer level");
  if (!model)
    return makeError(ErrorKind::Internal, "the level was not made", path);
  return model;
}

} // namespace hillock::tool
