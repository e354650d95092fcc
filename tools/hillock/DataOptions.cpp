//===- tools/hillock/DataOptions.cpp --------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/DataOptions.h"
#include "base/Describe.h"
#include "base/Random.h"

namespace hillock::tool {

void DataOptions::declare(CLI::App *verb, bool ownSeed) {
  const char *group = "Data";
  verb->add_option("--steps", steps, "Time steps (default: those of the data)")
      ->check(CLI::Range(int64_t{1}, runtime::maxSteps))
      ->group(group);
  verb->add_option("--encode", encode,
                   "Static images become spikes: rate, current, latency; or "
                   "none: their values in every step")
      ->check(CLI::IsMember({"rate", "current", "latency", "none"}))
      ->group(group);
  verb->add_option("--encode-max", encodeMax,
                   "The value that counts as full intensity")
      ->check(CLI::PositiveNumber)
      ->group(group);
  verb->add_option(ownSeed ? "--seed" : "--data-seed", seed,
                   "Of the encoding rate")
      ->capture_default_str()
      ->group(group);
  verb->add_option("--merge", merge,
                   "Several events of a neuron in a step: one, sum")
      ->check(CLI::IsMember({"one", "sum"}))
      ->capture_default_str()
      ->group(group);
  verb->add_flag("--whole-frames", wholeFrames,
                 "Leave out the step in which a camera's recording ends")
      ->group(group);
  verb->add_option("--bin-us", binMicros,
                   "Width of a step for event cameras, in microseconds")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
  verb->add_option("--node", node, "Recording of a .nirdata file")
      ->group(group);
  verb->add_option("--observable", observable, "Recording of a .nirdata file")
      ->group(group);
  verb->add_flag("--time-first", timeFirst,
                 "Arrays are (time, sample, ...), not (sample, time, ...)")
      ->group(group);
  verb->add_option("--data-dt", dt,
                   "Width of a step for events of .nirdata files, in seconds")
      ->check(CLI::PositiveNumber)
      ->group(group);
}

Expected<runtime::DataSet> DataOptions::load(const std::string &path,
                                             const Port &input) const {
  runtime::ReadOptions read;
  read.inputShape = input.shape;
  read.steps = steps;
  read.timeFirst = timeFirst;
  read.binMicroseconds = binMicros;
  read.dtSeconds = dt;
  read.node = node;
  read.observable = observable;
  read.wholeFrames = wholeFrames;
  read.merge = merge == "sum" ? runtime::Merge::Sum : runtime::Merge::One;
  read.firstSample = first;
  if (limit > 0)
    read.maxSamples = limit;
  read.threads = threads;
  if (!encode.empty()) {
    runtime::EncodeOptions encoding;
    encoding.encoding = *runtime::parseEncoding(encode);
    if (steps > 0)
      encoding.steps = steps;
    encoding.max = encodeMax;
    encoding.seed = seed;
    read.encode = encoding;
  } else if (input.values) {
    read.encode.emplace();
    read.encode->encoding = runtime::Encoding::None;
    read.encode->steps = read.steps = steps > 0 ? steps : 1;
  } else if (encodeMax > 0) {
    return makeError(ErrorKind::Usage, "is of no use without --encode",
                     "--encode-max", "add --encode rate, current or latency");
  }
  return runtime::readData(path, read);
}

Expected<Stimuli>
DataOptions::loadSample(const std::vector<std::string> &inputs,
                        const std::vector<Port> &ports) const {
  Stimuli stimuli;
  std::vector<std::string> names;
  for (const Port &port : ports)
    names.push_back(port.name);
  DataOptions one = *this;
  one.limit = 1;
  for (const std::string &given : inputs) {
    const Port *port = ports.size() == 1 ? &ports[0] : nullptr;
    std::string path = given;
    if (const size_t equals = given.find('='); equals != std::string::npos)
      for (const Port &candidate : ports)
        if (given.compare(0, equals, candidate.name) == 0) {
          port = &candidate;
          path = given.substr(equals + 1);
        }
    if (!port)
      return makeError(ErrorKind::Usage,
                       "the network has " +
                           describeCount(ports.size(), "input") + ": " +
                           describeList(names, 8),
                       "--input " + given, "write --input NAME=FILE");
    Expected<runtime::DataSet> data = one.load(path, *port);
    if (!data)
      return data.takeError();
    if (!stimuli.emplace(port->name, std::move(data->samples.front())).second)
      return makeError(ErrorKind::Usage,
                       "the input '" + port->name + "' is given twice",
                       "--input");
  }
  return stimuli;
}

Stimuli randomStimuli(const std::vector<Port> &ports, int64_t steps,
                      uint64_t seed, double probability) {
  Stimuli stimuli;
  for (size_t p = 0; p < ports.size(); ++p) {
    runtime::Stimulus stimulus;
    stimulus.shape = ports[p].shape;
    stimulus.steps = steps;
    const CounterRandom random(seed, p);
    const auto neurons = static_cast<uint64_t>(stimulus.neurons());
    for (uint64_t t = 0; t < static_cast<uint64_t>(steps); ++t)
      for (uint64_t n = 0; n < neurons; ++n)
        if (random.bernoulliAt(t * neurons + n, probability))
          stimulus.events.push_back(
              {static_cast<uint32_t>(t), static_cast<uint32_t>(n), 1});
    stimuli.emplace(ports[p].name, std::move(stimulus));
  }
  return stimuli;
}

} // namespace hillock::tool
