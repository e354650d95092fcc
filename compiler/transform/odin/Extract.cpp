//===- compiler/transform/odin/Extract.cpp - From snn to lists ------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/transform/loihi/Paths.h"
#include "compiler/transform/odin/Lower.h"
#include "llvm/ADT/MapVector.h"
#include <cmath>

using namespace mlir;
using namespace hillock::snn;

namespace hillock::transform::odin {

namespace {

std::string nameOf(Operation *op) {
  auto name = op->getAttrOfType<StringAttr>("name");
  return name ? name.getValue().str() : "neurons";
}

Error refuse(Operation *op, const std::string &what,
             const std::string &remedy) {
  return inputError(what, locationText(op), remedy);
}

/// What the neurons of both chips cannot do.
Error checkKind(NeuronsOp op) {
  switch (op.getKind()) {
  case Kind::If:
  case Kind::Lif:
  case Kind::CubaLif:
    return Error::success();
  case Kind::Threshold:
    return refuse(op,
                  "a threshold without memory: neurons of this chip keep "
                  "their potential from step to step",
                  "use an IF or LIF neuron");
  default:
    return refuse(op, "puts out voltages; this chip puts out spikes only",
                  "end the network with IF or LIF neurons and count spikes");
  }
}

Error checkConventions(NeuronsOp op) {
  ConventionsAttr c = op.getConventions();
  if (c.getReset() == Reset::Subtract || c.getReset() == Reset::SnnTorch)
    return refuse(op, "reset by subtraction: neurons of this chip reset to 0",
                  "compile with --reset zero (or value) and look at the "
                  "accuracy, or train with reset to zero");
  if (c.getOrder() != Order::IntegrateFire)
    return refuse(op,
                  "order = fire_integrate: this chip integrates an event, "
                  "then fires",
                  "compile with --order integrate_fire");
  if (c.getRefractory() != 0)
    return refuse(op,
                  "a refractory period of " +
                      describeCount(c.getRefractory(), "step") +
                      "; LIF neurons of this chip have none",
                  "compile with --refractory 0 and look at the accuracy");
  if (c.getClamp() != 0)
    return refuse(op, "a lower bound of the voltage that is not the chip's",
                  "compile with --clamp 0");
  return Error::success();
}

/// Factor that is kept, and gain of what comes in, over a step.
struct Filter {
  double decay = 1, gain = 1;
};

Filter filterOf(Integrator integrator, double dt, double tau) {
  switch (integrator) {
  case Integrator::Euler:
    return {1 - dt / tau, dt / tau};
  case Integrator::Exact:
    return {std::exp(-dt / tau), 1 - std::exp(-dt / tau)};
  case Integrator::DecayExpGainEuler:
    return {std::exp(-dt / tau), dt / tau};
  }
  llvm_unreachable("unknown integrator");
}

class Extractor {
public:
  Extractor(NetworkOp network, std::vector<std::string> &remarks)
      : network(network), remarks(remarks),
        dt(network.getDt().convertToDouble()) {}
  Expected<RealNetwork> run();

private:
  Error collectLayers();
  Error addLayer(NeuronsOp op);
  Expected<RealNeuron> neuronAt(NeuronsOp op, int64_t n, double &gain);
  Error addPaths(NeuronsOp op);
  Error checkDelays(const Path &path, NeuronsOp op, bool feedback);
  Error addOutputs();

  NetworkOp network;
  std::vector<std::string> &remarks;
  double dt;
  RealNetwork result;
  llvm::MapVector<Operation *, uint32_t> firstSource; ///< inputs and layers
  llvm::MapVector<Operation *, uint32_t> layerOf;
  std::vector<double> gains; ///< of the input current, by neuron
};

Expected<RealNeuron> Extractor::neuronAt(NeuronsOp op, int64_t n,
                                         double &gain) {
  auto at = [&](std::optional<ElementsAttr> attr, double absent) {
    return attr ? valueAt(*attr, n) : absent;
  };
  ConventionsAttr conventions = op.getConventions();
  RealNeuron neuron;
  gain = at(op.getR(), 1);
  if (op.getKind() == Kind::If) {
    gain *= dt;
  } else {
    Filter membrane =
        filterOf(conventions.getIntegrator(), dt, valueAt(*op.getTauMem(), n));
    neuron.decay = membrane.decay;
    gain *= membrane.gain;
    neuron.drive = membrane.gain * at(op.getVLeak(), 0);
  }
  if (op.getKind() == Kind::CubaLif) {
    Filter synapse =
        filterOf(conventions.getIntegrator(), dt, valueAt(*op.getTauSyn(), n));
    if (std::abs(synapse.decay) > 1e-6)
      return refuse(op,
                    "a synaptic filter (tau_syn): synapses of this chip "
                    "act in one event and have no memory",
                    "use LIF neurons, or a tau_syn of one time step with "
                    "--integrator euler");
    gain *= synapse.gain * at(op.getWIn(), 1);
  }
  if (neuron.decay < 0)
    return refuse(op,
                  "neuron " + std::to_string(n) +
                      " has a time constant below dt, so that forward "
                      "Euler overshoots",
                  "use a smaller --dt or --integrator exact");
  double reset =
      conventions.getReset() == Reset::Value ? at(op.getVReset(), 0) : 0;
  neuron.threshold = at(op.getVThreshold(), 1) - reset;
  neuron.strict = conventions.getCompare() == Compare::Strict;
  // Measured from the reset value, the decay acts on v - reset.
  neuron.drive += (neuron.decay - 1) * reset;
  neuron.start = -reset;
  if (!(neuron.threshold > 0))
    return refuse(op,
                  "neuron " + std::to_string(n) +
                      " has a threshold that is not above its reset value",
                  "check v_threshold and v_reset");
  return neuron;
}

Error Extractor::addLayer(NeuronsOp op) {
  if (Error error = checkKind(op))
    return error;
  if (Error error = checkConventions(op))
    return error;
  Layer layer{nameOf(op),
              stringifyKind(op.getKind()).str(),
              locationText(op),
              shapeOf(op.getResult().getType()).vec(),
              static_cast<uint32_t>(result.neurons.size()),
              static_cast<uint32_t>(elementsOf(op.getResult().getType()))};
  for (int64_t n = 0; n < layer.size; ++n) {
    double gain = 1;
    auto neuron = neuronAt(op, n, gain);
    if (!neuron)
      return neuron.takeError();
    result.neurons.push_back(*neuron);
    gains.push_back(gain);
  }
  layerOf.insert({op, static_cast<uint32_t>(result.layers.size())});
  result.layers.push_back(std::move(layer));
  return Error::success();
}

Error Extractor::collectLayers() {
  uint32_t sources = 0;
  for (InputOp input : network.inputs()) {
    if (!isa<SpikesType>(input.getResult().getType()))
      return refuse(input, "a graded input; this chip takes spikes",
                    "encode the input as spikes");
    Type type = input.getResult().getType();
    const auto size = static_cast<uint32_t>(elementsOf(type));
    firstSource.insert({input, sources});
    result.inputs.push_back({input.getName().str(), "input",
                             locationText(input), shapeOf(type).vec(), sources,
                             size});
    sources += size;
  }
  auto order = network.schedule();
  if (failed(order))
    return inputError("a cycle without a delay", locationText(network));
  for (Operation *op : *order)
    if (auto neurons = dyn_cast<NeuronsOp>(op)) {
      const auto first = static_cast<uint32_t>(result.neurons.size());
      if (Error error = addLayer(neurons))
        return error;
      firstSource.insert({op, sources + first});
    }
  if (result.layers.empty())
    return inputError("the network has no neurons", locationText(network),
                      "a chip needs at least one population");
  return Error::success();
}

Error Extractor::checkDelays(const Path &path, NeuronsOp op, bool feedback) {
  auto delays = delaysOf(path);
  if (!delays)
    return delays.takeError();
  const int64_t most = *llvm::max_element(*delays);
  // The step that every cycle of a clocked network has is none of an
  // event-driven one: its spikes are events like all others.
  if (most == 0 || (feedback && most == 1)) {
    if (feedback)
      remarks.push_back(
          locationText(op) + ": spikes from '" + nameOf(path.source) +
          "' come back in the same step, as soon as the queue has come to "
          "them, not one step later");
    return Error::success();
  }
  return refuse(op,
                "a delay of " + describeCount(most, "step") + " from '" +
                    nameOf(path.source) +
                    "'; this chip has no delays, events act when the "
                    "queue comes to them",
                "leave the delay out: the spikes then act in the step in "
                "which they were fired");
}

Error Extractor::addPaths(NeuronsOp op) {
  auto paths = pathsInto(op);
  if (!paths)
    return paths.takeError();
  const Layer &layer = result.layers[layerOf.lookup(op)];
  std::vector<double> factors(gains.begin() + layer.first,
                              gains.begin() + layer.first + layer.size);
  std::vector<std::map<uint32_t, double>> sums(layer.size);
  for (const Path &path : *paths) {
    const uint32_t first = firstSource.lookup(path.source);
    const bool feedback = layerOf.count(path.source) &&
                          layerOf.lookup(path.source) >= layerOf.lookup(op);
    if (Error error = checkDelays(path, op, feedback))
      return error;
    auto list = listSynapses(path, op, factors);
    if (!list)
      return list.takeError();
    for (size_t i = 0; i < list->weights.size(); ++i)
      sums[list->targets[i]][first + list->sources[i]] += list->weights[i];
  }
  auto bias = biasInto(op, *paths);
  if (!bias)
    return bias.takeError();
  for (uint32_t n = 0; n < layer.size; ++n) {
    result.neurons[layer.first + n].drive += (*bias)[n] * factors[n];
    for (const auto &[source, weight] : sums[n])
      if (weight != 0)
        result.fanIn[layer.first + n].push_back({source, weight});
  }
  return Error::success();
}

Error Extractor::addOutputs() {
  for (OutputOp output : network.outputs()) {
    Operation *source = output.getValue().getDefiningOp();
    while (isa<FlattenOp>(source))
      source = source->getOperand(0).getDefiningOp();
    if (!layerOf.count(source))
      return refuse(output,
                    "the output reads a current; this chip puts out "
                    "spikes of neurons only",
                    "end the network with IF or LIF neurons");
    result.outputs.push_back({output.getName().str(),
                              shapeOf(output.getValue().getType()).vec(),
                              layerOf.lookup(source)});
  }
  return Error::success();
}

Expected<RealNetwork> Extractor::run() {
  result.name = network.getSymName().str();
  const double unit = network.getTimeUnit().convertToDouble();
  result.stepSeconds = dt * unit;
  if (Error error = collectLayers())
    return std::move(error);
  // Synapses are written out one by one: not for what cannot fit anyway.
  constexpr size_t sensible = 4096;
  if (result.neurons.size() > sensible || result.inputSources() > sensible)
    return makeError(
        ErrorKind::Capacity,
        describeCount(result.neurons.size(), "neuron") + " and " +
            describeCount(result.inputSources(), "input") +
            "; this chip has 256 addresses for both",
        "network '" + result.name + "'",
        "choose a target of many cores, or a network of 256 neurons and "
        "inputs");
  result.fanIn.resize(result.neurons.size());
  for (const auto &[op, layer] : layerOf)
    if (Error error = addPaths(cast<NeuronsOp>(op)))
      return std::move(error);
  if (Error error = addOutputs())
    return std::move(error);
  return std::move(result);
}

} // namespace

Expected<RealNetwork> extract(NetworkOp network,
                              std::vector<std::string> &remarks) {
  return Extractor(network, remarks).run();
}

} // namespace hillock::transform::odin
