//===- emulator/learning/LearningEngine.cpp -------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "emulator/learning/LearningEngine.h"
#include "base/FixedPoint.h"
#include <algorithm>
#include <cmath>

namespace hillock::emu {

namespace {

constexpr int32_t maxTrace = 127;
constexpr unsigned accumulatorBits = 15;
constexpr unsigned mantissaBits = 4;
/// A synaptic variable in the accumulator: 2^15 / 2^8.
constexpr unsigned variableShift = 7;

/// Lava's bounds; the lower one is one below sixteen bits.
int64_t saturateSum(int64_t sum) {
  return clampTo(sum, -(int64_t{1} << accumulatorBits) - 1,
                 (int64_t{1} << accumulatorBits) - 1);
}

struct Range {
  int32_t low, high;
};

Range rangeOf(LearningTarget target, image::SignMode sign) {
  if (target == LearningTarget::Delay)
    return {0, 255};
  if (target == LearningTarget::Tag)
    return {-257, 255};
  switch (sign) {
  case image::SignMode::Excitatory:
    return {0, 255};
  case image::SignMode::Inhibitory:
    return {-255, 0};
  case image::SignMode::Mixed:
    break;
  }
  return {-256, 255};
}

Error checkMatrix(std::vector<int32_t> &values, size_t size, const char *name,
                  Range range) {
  if (values.empty())
    values.assign(size, 0);
  if (values.size() != size)
    return inputError(std::to_string(values.size()) + " values for " +
                          std::to_string(size) + " synapses",
                      name);
  for (size_t i = 0; i < size; ++i)
    if (values[i] < range.low || values[i] > range.high)
      return inputError("value " + std::to_string(values[i]) + " of synapse " +
                            std::to_string(i) + " is not in " +
                            std::to_string(range.low) + ".." +
                            std::to_string(range.high),
                        name);
  return Error::success();
}

/// Half of a payload as Lava rounds and keeps it: ties to even, eight bits.
int32_t halfPayload(int32_t payload) {
  return static_cast<int32_t>(roundHalfEven(payload / 2.0) & 255);
}

} // namespace

LearningEngine::LearningEngine(LearningConfig given,
                               std::shared_ptr<const LearningRandom> stream)
    : config(std::move(given)), random(std::move(stream)) {
  for (size_t i = 0; i < traces.size(); ++i) {
    const TraceConfig &trace = config.rule.traces[i];
    double whole = std::floor(trace.impulse);
    impulses[i].whole = static_cast<int32_t>(whole);
    impulses[i].fraction =
        static_cast<int32_t>(roundHalfEven(256 * (trace.impulse - whole)));
    keep[i] = trace.tau > 0 ? std::exp(-1 / trace.tau) : 0;
    traces[i].assign(i <= TraceX2 ? config.sources : config.targets, 0);
  }
  preTimes.assign(config.sources, 0);
  postTimes.assign(config.targets, 0);
  values = config.initial;
}

Expected<LearningEngine>
LearningEngine::create(LearningConfig config,
                       std::shared_ptr<const LearningRandom> random) {
  if (!random)
    return makeError(ErrorKind::Internal, "no random numbers to learn with");
  if (Error error = config.rule.check())
    return std::move(error);
  size_t size = size_t{config.targets} * config.sources;
  // The first weights may have the wrong sign: Lava starts with them, too.
  if (Error error =
          checkMatrix(config.initial.weight, size, "weights",
                      rangeOf(LearningTarget::Weight, image::SignMode::Mixed)))
    return std::move(error);
  if (Error error = checkMatrix(config.initial.delay, size, "delays",
                                rangeOf(LearningTarget::Delay, config.sign)))
    return std::move(error);
  if (Error error = checkMatrix(config.initial.tag, size, "tags",
                                rangeOf(LearningTarget::Tag, config.sign)))
    return std::move(error);
  return LearningEngine(std::move(config), std::move(random));
}

const std::vector<int32_t> &SynapseValues::of(LearningTarget target) const {
  return target == LearningTarget::Weight  ? weight
         : target == LearningTarget::Delay ? delay
                                           : tag;
}

std::vector<int32_t> &SynapseValues::of(LearningTarget target) {
  return target == LearningTarget::Weight  ? weight
         : target == LearningTarget::Delay ? delay
                                           : tag;
}

//===--- Spikes -----------------------------------------------------------===//

int32_t LearningEngine::withImpulse(int64_t value,
                                    const TraceDraw &draw) const {
  const Impulse &impulse = impulses[draw.trace];
  bool up = random->impulse(draw) < impulse.fraction;
  return static_cast<int32_t>(
      clampTo(value + impulse.whole + (up ? 1 : 0), 0, maxTrace));
}

int32_t LearningEngine::decayed(int32_t value, const TraceDraw &draw) const {
  double exact = keep[draw.trace] * value;
  double whole = std::floor(exact);
  bool up = random->decay(draw) < exact - whole;
  return static_cast<int32_t>(whole) + (up ? 1 : 0);
}

/// A step's spikes only leave their time; the epoch's end adds the impulse of
/// the last one. Earlier spikes are folded in here.
void LearningEngine::takePre(const std::vector<int32_t> &pre) {
  std::vector<int32_t> &x1 = traces[TraceX1], &x2 = traces[TraceX2];
  for (uint32_t j = 0; j < pre.size(); ++j) {
    bool counts = pre[j] != 0, again = counts && preTimes[j] > 0;
    int32_t half = halfPayload(pre[j]);
    switch (config.graded) {
    case GradedSpikes::Impulse:
      if (again)
        x1[j] = withImpulse(x1[j], {now, TraceX1, j, 0});
      break;
    case GradedSpikes::Overwrite:
      if (counts)
        x1[j] = half;
      break;
    case GradedSpikes::AddSaturate:
      x1[j] = std::min((x1[j] + half) & 255, maxTrace);
      break;
    case GradedSpikes::AddCarry:
      x1[j] = (x1[j] + half) & 255;
      // Also without a spike: an overwritten or summed x1 can be 128.
      counts = counts && x1[j] > maxTrace;
      if (x1[j] > maxTrace)
        x1[j] -= maxTrace;
      again = again && counts;
      break;
    }
    if (again)
      x2[j] = withImpulse(x2[j], {now, TraceX2, j, 0});
    if (counts)
      preTimes[j] = offset();
  }
}

void LearningEngine::takePost(const std::vector<uint8_t> &post) {
  for (uint32_t i = 0; i < post.size(); ++i) {
    if (!post[i])
      continue;
    for (uint32_t t = TraceY1; postTimes[i] > 0 && t <= TraceY3; ++t)
      traces[t][i] = withImpulse(traces[t][i], {now, t, i, 0});
    postTimes[i] = offset();
  }
}

Error LearningEngine::step(const std::vector<int32_t> &pre,
                           const std::vector<uint8_t> &post) {
  if (pre.size() != config.sources || post.size() != config.targets)
    return inputError("spikes of " + std::to_string(pre.size()) + " and " +
                          std::to_string(post.size()) + " neurons, there are " +
                          std::to_string(config.sources) + " and " +
                          std::to_string(config.targets),
                      "learning");
  if (epochEnded()) {
    std::fill(preTimes.begin(), preTimes.end(), 0);
    std::fill(postTimes.begin(), postTimes.end(), 0);
  }
  ++now;
  takePre(pre);
  takePost(post);
  if (epochEnded())
    endEpoch();
  return Error::success();
}

//===--- The end of an epoch ----------------------------------------------===//

/// Moves the traces through the epoch and keeps each step, because products
/// look at them in the step of a spike.
void LearningEngine::runTraces() {
  for (uint32_t t = 0; t < traces.size(); ++t) {
    const std::vector<uint32_t> &times = t <= TraceX2 ? preTimes : postTimes;
    uint32_t count = static_cast<uint32_t>(traces[t].size());
    history[t].resize(size_t{count} * (epochSteps() + 1));
    std::copy(traces[t].begin(), traces[t].end(), history[t].begin());
    for (uint32_t s = 1; s <= epochSteps(); ++s)
      for (uint32_t n = 0; n < count; ++n) {
        TraceDraw draw{now, t, n, s};
        int32_t value = history[t][size_t{s - 1} * count + n];
        value = keep[t] > 0 ? decayed(value, draw) : 0;
        if (times[n] == s)
          value = withImpulse(value, draw);
        history[t][size_t{s} * count + n] = value;
      }
    std::copy(history[t].end() - count, history[t].end(), traces[t].begin());
  }
}

int64_t LearningEngine::sample(const LearningProduct &product,
                               LearningVariable variable, uint32_t post,
                               uint32_t pre) const {
  uint32_t at = product.gate == LearningGate::PreSpike    ? preTimes[pre]
                : product.gate == LearningGate::PostSpike ? postTimes[post]
                                                          : epochSteps();
  auto traceAt = [&](uint32_t index, uint32_t neuron) -> int64_t {
    return history[index][at * traces[index].size() + neuron];
  };
  size_t synapse = size_t{post} * config.sources + pre;
  switch (variable) {
  case LearningVariable::X0:
    return preTimes[pre] > 0;
  case LearningVariable::Y0:
    return postTimes[post] > 0;
  case LearningVariable::X1:
    return traceAt(TraceX1, pre);
  case LearningVariable::X2:
    return traceAt(TraceX2, pre);
  case LearningVariable::Y1:
    return traceAt(TraceY1, post);
  case LearningVariable::Y2:
    return traceAt(TraceY2, post);
  case LearningVariable::Y3:
    return traceAt(TraceY3, post);
  case LearningVariable::Weight:
    return values.weight[synapse];
  case LearningVariable::Delay:
    return values.delay[synapse];
  case LearningVariable::Tag:
    return values.tag[synapse];
  case LearningVariable::Constant:
    break;
  }
  return 0;
}

int64_t LearningEngine::evaluate(const LearningProduct &product, uint32_t post,
                                 uint32_t pre) const {
  bool open = product.gate == LearningGate::PreSpike    ? preTimes[pre] > 0
              : product.gate == LearningGate::PostSpike ? postTimes[post] > 0
                                                        : true;
  uint64_t epoch = now / epochSteps();
  if (product.gate == LearningGate::Epoch)
    open = (epoch & ((uint64_t{1} << product.decimate) - 1)) == 0;
  if (!open)
    return 0;
  int64_t result = 1;
  unsigned bits = mantissaBits;
  for (const LearningFactor &factor : product.factors) {
    int64_t value =
        sample(product, factor.variable, post, pre) + factor.constant;
    if (factor.sign)
      value = (value > 0) - (value < 0);
    unsigned width = variableBits(factor.variable);
    // Lava multiplies in words of 32 bits.
    result = wrap(result * saturate(value, width), 31);
    bits += width;
  }
  result = wrap(result * product.mantissa, 31);
  if (bits > accumulatorBits)
    result = shiftRightFloor(result, bits - accumulatorBits);
  unsigned left = static_cast<unsigned>(product.exponent + 7);
  return saturateSum(wrap(shiftLeft(result, left), 31));
}

int32_t LearningEngine::updated(LearningTarget target, uint32_t post,
                                uint32_t pre) const {
  size_t synapse = size_t{post} * config.sources + pre;
  int64_t sum = int64_t{values.of(target)[synapse]} * (1 << variableShift);
  for (const LearningProduct &product : config.rule.of(target))
    sum = saturateSum(sum + evaluate(product, post, pre));
  Range range = rangeOf(target, config.sign);
  if (range.low == 0)
    sum = std::max<int64_t>(sum, 0);
  if (range.high == 0)
    sum = std::min<int64_t>(sum, 0);
  int64_t value = shiftRightFloor(sum, variableShift);
  auto rest = static_cast<double>(sum - (value << variableShift));
  double number = random->synapse({now / epochSteps(), target, post, pre});
  if (number < rest / (1 << variableShift))
    ++value;
  return static_cast<int32_t>(clampTo(value, range.low, range.high));
}

void LearningEngine::endEpoch() {
  runTraces();
  // All sums see the variables of before.
  std::array<std::vector<int32_t>, 3> next;
  for (LearningTarget target : learningTargets) {
    if (config.rule.of(target).empty())
      continue;
    std::vector<int32_t> &result = next[static_cast<size_t>(target)];
    for (uint32_t i = 0; i < config.targets; ++i)
      for (uint32_t j = 0; j < config.sources; ++j)
        result.push_back(updated(target, i, j));
  }
  for (LearningTarget target : learningTargets)
    if (!config.rule.of(target).empty())
      values.of(target) = std::move(next[static_cast<size_t>(target)]);
}

} // namespace hillock::emu
