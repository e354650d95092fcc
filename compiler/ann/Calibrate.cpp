//===- compiler/ann/Calibrate.cpp - From samples to a plan ----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/Calibrate.h"
#include "base/Describe.h"
#include "base/Parallel.h"
#include "base/Random.h"
#include "compiler/ann/Encoding.h"
#include "compiler/ann/Moments.h"
#include "compiler/ann/RealEval.h"
#include <algorithm>

namespace hillock::ann {

namespace {

size_t at(int index) { return static_cast<size_t>(index); }

bool onlyMoves(Kind kind) {
  return kind == Kind::MaxPool || kind == Kind::Reshape ||
         kind == Kind::Transpose;
}

class Calibrator {
public:
  Calibrator(const Network &net, const std::vector<std::vector<float>> &samples,
             const CalibrationOptions &options, std::string where)
      : net(net), samples(samples), options(options), where(std::move(where)),
        sets(sharedQuantizations(net)), real(net.values.size()),
        codes(net.values.size()) {}

  Expected<Calibration> run() {
    if (Error error = checkSamples())
      return std::move(error);
    Expected<std::vector<Kept>> weights = keptWeights(net, options.prune);
    if (!weights)
      return weights.takeError();
    kept = std::move(*weights);
    lookAround();
    result.plan.values.resize(net.values.size());
    result.plan.weights.resize(net.layers.size());
    decided.assign(net.values.size(), 0);
    decideRanges();
    startNetwork();
    for (size_t i = 0; i < net.layers.size(); ++i) {
      if (Error error = visit(i))
        return inputError(takeText(std::move(error)), where);
      step();
    }
    Expected<IntNetwork> lowered = lower(net, result.plan, where);
    if (!lowered)
      return lowered.takeError();
    result.network = std::move(*lowered);
    return std::move(result);
  }

private:
  void step() const {
    if (options.progress)
      options.progress();
  }

  Error checkSamples() {
    if (samples.empty())
      return inputError("there are no samples to calibrate with", where,
                        "give 100 to 1000 inputs that will not be evaluated");
    const auto elements =
        at(static_cast<int>(net.values[at(net.input)].elements()));
    for (size_t s = 0; s < samples.size(); ++s) {
      if (samples[s].size() != elements)
        return inputError("calibration sample " + std::to_string(s) + " has " +
                              describeCount(samples[s].size(), "element") +
                              ", the input " + std::to_string(elements),
                          where);
      for (const float x : samples[s])
        if (!std::isfinite(x))
          return inputError("calibration sample " + std::to_string(s) +
                                " holds a number that is not finite",
                            where);
    }
    // All values that live together are kept for all samples.
    int64_t largest = 1;
    for (const Value &value : net.values)
      largest = std::max(largest, value.elements());
    count = std::min(
        samples.size(),
        std::max<size_t>(
            16, (size_t{1} << 27) /
                    at(static_cast<int>(std::min<int64_t>(largest, 1 << 30)))));
    return Error::success();
  }

  /// True for values whose own rounding matters: what only passes through a
  /// pool or a reshape is judged behind it.
  bool matters(int value) const {
    if (value == net.output)
      return true;
    for (const Layer &layer : net.layers)
      if (!onlyMoves(layer.kind) &&
          std::count(layer.inputs.begin(), layer.inputs.end(), value))
        return true;
    return false;
  }

  /// Runs the real network and notes extremes and a sample of every set.
  void lookAround() {
    seen.resize(net.values.size());
    std::vector<size_t> quota(net.values.size(), 0), base(net.values.size(), 0);
    for (size_t v = 0; v < net.values.size(); ++v) {
      if (!matters(static_cast<int>(v)))
        continue;
      quota[v] = std::max<size_t>(1, (size_t{1} << 17) / count);
      Seen &set = seen[at(sets[v])];
      base[v] = set.sample.size();
      set.sample.resize(base[v] + quota[v] * count);
    }
    std::vector<std::vector<float>> low(count), high(count);
    parallelChunks(
        0, static_cast<int64_t>(count), options.threads,
        [&](int64_t first, int64_t last, unsigned) {
          RealRunner runner(net);
          for (auto s = static_cast<size_t>(first);
               s < static_cast<size_t>(last); ++s) {
            runner.run(samples[s]);
            for (size_t v = 0; v < net.values.size(); ++v) {
              const std::vector<float> &values =
                  runner.value(static_cast<int>(v));
              const auto [least, most] =
                  std::minmax_element(values.begin(), values.end());
              low[s].push_back(*least);
              high[s].push_back(*most);
              const CounterRandom random(options.seed, v);
              for (size_t k = 0; k < quota[v]; ++k)
                seen[at(sets[v])].sample[base[v] + s * quota[v] + k] =
                    values[random.at(s * quota[v] + k) % values.size()];
            }
          }
        });
    for (size_t v = 0; v < net.values.size(); ++v)
      for (size_t s = 0; s < count && quota[v]; ++s) {
        Seen &set = seen[at(sets[v])];
        set.low = std::min<double>(set.low, low[s][v]);
        set.high = std::max<double>(set.high, high[s][v]);
      }
    step();
  }

  /// The one layer of the output's set that computes, when 32-bit codes can
  /// leave the network from there; -1: none.
  int wideProducer() const {
    const int set = sets[at(net.output)];
    int producer = -1;
    for (size_t v = 0; v < net.values.size(); ++v)
      if (sets[v] == set && (net.values[v].given || at(net.input) == v))
        return -1;
    for (size_t i = 0; i < net.layers.size(); ++i) {
      const Layer &layer = net.layers[i];
      const bool inside = sets[at(layer.output)] == set;
      for (const int input : layer.inputs)
        if (sets[at(input)] == set && !(inside && onlyMoves(layer.kind)))
          return -1;
      if (inside && !onlyMoves(layer.kind)) {
        if (producer >= 0)
          return -1;
        producer = static_cast<int>(i);
      }
    }
    return producer;
  }

  void decide(int set, const Quantization &q) {
    for (size_t v = 0; v < sets.size(); ++v)
      if (sets[v] == set) {
        result.plan.values[v] = q;
        decided[v] = 1;
      }
  }

  void decideRanges() {
    wide = wideProducer();
    const int outputSet = sets[at(net.output)], inputSet = sets[at(net.input)];
    // An input that the file gives as codes keeps all of their bits.
    const auto &givenInput = net.values[at(net.input)].given;
    const unsigned inputBits =
        options.inputBits ? options.inputBits
        : givenInput      ? std::max(options.activationBits, givenInput->bits())
                          : options.activationBits;
    for (size_t v = 0; v < net.values.size(); ++v) {
      const int set = sets[v];
      if (decided[v] || (wide >= 0 && set == outputSet))
        continue;
      const unsigned bits = set == inputSet    ? inputBits
                            : set == outputSet ? 8
                                               : options.activationBits;
      std::optional<Quantization> given;
      for (size_t other = 0; other < net.values.size(); ++other)
        if (sets[other] == set && net.values[other].given)
          given = net.values[other].given;
      if (given && given->bits() <= bits)
        decide(set, *given);
      else if (set == inputSet && options.inputRange)
        decide(set, covering(options.inputRange->first,
                             options.inputRange->second, bits));
      else
        decide(set,
               chooseRange(seen[at(set)], bits,
                           set == inputSet && bits > 4 ? RangeMethod::MinMax
                                                       : options.range));
    }
  }

  void startNetwork() {
    ints.input = net.input;
    ints.output = net.output;
    for (size_t v = 0; v < net.values.size(); ++v)
      ints.values.push_back(
          {net.values[v].name, net.values[v].shape, result.plan.values[v]});
    const Quantization &q = result.plan.values[at(net.input)];
    for (size_t s = 0; s < count; ++s)
      for (const float x : samples[s]) {
        const auto &given = net.values[at(net.input)].given;
        real[at(net.input)].push_back(
            given ? static_cast<float>(given->real(given->code(x))) : x);
        codes[at(net.input)].push_back(q.code(x));
      }
  }

  /// \p evaluate(sample, scratch...) for all samples.
  Error visit(size_t index) {
    const Layer &layer = net.layers[index];
    const auto size = static_cast<size_t>(net.out(layer).elements());
    std::vector<float> &sums = real[at(layer.output)];
    sums.resize(size * count);
    parallelFor(0, static_cast<int64_t>(count), options.threads,
                [&](int64_t s) {
                  std::vector<const float *> inputs;
                  for (const int input : layer.inputs)
                    inputs.push_back(pointer(real[at(input)], s));
                  evaluateSums(net, layer, inputs, pointer(sums, s));
                });
    if (layer.hasWeights())
      roundWeights(index);
    if (static_cast<int>(index) == wide)
      decideWide(index);
    for (size_t v = 0; v < net.values.size(); ++v)
      ints.values[v].q = result.plan.values[v];
    Expected<IntLayer> lowered = lowerLayer(net, result.plan, index);
    if (!lowered)
      return lowered.takeError();
    if (Error error = check(ints, *lowered))
      return error;
    if (layer.hasWeights())
      noteStorage(*lowered, result.losses.back());
    runLayer(layer, *lowered, size);
    for (const int input : layer.inputs)
      if (lastUse(input) == index) {
        real[at(input)] = {};
        codes[at(input)] = {};
      }
    return Error::success();
  }

  template <typename T> T *pointer(std::vector<T> &all, int64_t sample) const {
    return all.data() + all.size() / count * static_cast<size_t>(sample);
  }

  size_t lastUse(int value) const {
    size_t last = 0;
    for (size_t i = 0; i < net.layers.size(); ++i)
      if (std::count(net.layers[i].inputs.begin(), net.layers[i].inputs.end(),
                     value))
        last = i;
    return last;
  }

  void runLayer(const Layer &layer, const IntLayer &lowered, size_t size) {
    codes[at(layer.output)].resize(size * count);
    parallelChunks(
        0, static_cast<int64_t>(count), options.threads,
        [&](int64_t first, int64_t last, unsigned) {
          std::vector<int16_t> shifted;
          std::vector<int32_t> sums;
          for (int64_t s = first; s < last; ++s) {
            std::vector<const int32_t *> inputs;
            for (const int input : layer.inputs)
              inputs.push_back(pointer(codes[at(input)], s));
            evaluateLayer(ints, lowered, inputs,
                          pointer(codes[at(layer.output)], s), shifted, sums);
            finishLayer(net, layer, pointer(real[at(layer.output)], s));
          }
        });
  }

  void decideWide(size_t index) {
    const Layer &layer = net.layers[index];
    double largest = 0;
    if (layer.hasWeights()) {
      largest = largestSum(net, layer, *result.plan.weights[index],
                           result.plan.values[at(layer.inputs[0])]);
    } else {
      for (const int input : layer.inputs) {
        const Quantization &q = result.plan.values[at(input)];
        largest += 256 * q.scale;
      }
    }
    decide(sets[at(net.output)], wideQuantization(largest));
  }

  WeightFormat formatOf(const Layer &layer) const {
    const auto own = options.layerWeights.find(layer.name);
    return own == options.layerWeights.end() ? options.weights : own->second;
  }

  void roundWeights(size_t index) {
    const Layer &layer = net.layers[index];
    const auto channels = at(static_cast<int>(net.outputChannels(layer)));
    QuantWeights weights;
    weights.format = formatOf(layer);
    const LayerData data = {net,
                            layer,
                            result.plan.values[at(layer.inputs[0])],
                            codes[at(layer.inputs[0])],
                            real[at(layer.output)],
                            count};
    LayerMoments moments =
        collectMoments(data, options.seed + index, options.threads);
    const size_t filter = layer.weights.size() / channels;
    for (size_t c = 0; c < channels && !kept[index].empty(); ++c)
      moments.channels[c].kept.assign(
          kept[index].begin() + static_cast<ptrdiff_t>(c * filter),
          kept[index].begin() + static_cast<ptrdiff_t>((c + 1) * filter));
    if (layer.given && kept[index].empty() &&
        layer.given->bits == weights.format.bits && !weights.format.isLog())
      takeGiven(layer, weights);
    else
      roundChannels(layer, moments, data.input, weights);
    LayerLoss loss;
    loss.layer = index;
    loss.name = layer.name;
    loss.format = weights.format.name();
    loss.weights = weights.codes.size();
    loss.error = relativeError(layer, moments, weights);
    result.losses.push_back(std::move(loss));
    result.plan.weights[index] = std::move(weights);
  }

  static void noteStorage(const IntLayer &layer, LayerLoss &loss) {
    const size_t filter = layer.weights.size() / layer.bias.size();
    for (size_t i = 0; i < layer.weights.size(); ++i)
      loss.zeros += layer.weights[i] ==
                    (layer.zeros.empty() ? 0 : layer.zeros[i / filter]);
    loss.bytes = weightBytes(layer);
    loss.skipsZeros = skipCodeOf(layer).has_value();
  }

  static void takeGiven(const Layer &layer, QuantWeights &weights) {
    weights.codes = layer.given->codes;
    weights.scales = layer.given->scales;
    weights.zeros = layer.given->zeros;
    weights.bias = layer.bias;
    weights.format.perChannel = weights.scales.size() > 1;
    weights.format.affine =
        std::any_of(weights.zeros.begin(), weights.zeros.end(),
                    [](int32_t zero) { return zero != 0; });
    if (!weights.format.affine)
      weights.zeros.clear();
  }

  void roundChannels(const Layer &layer, const LayerMoments &moments,
                     const Quantization &input, QuantWeights &weights) const {
    const size_t channels = moments.channels.size();
    const size_t filters = channels / moments.groups.size();
    RoundingOptions rounding;
    rounding.learn = options.learnRounding;
    rounding.fit = options.fitPruned;
    rounding.correct = options.correctBias;
    std::vector<RoundedChannel> rounded(channels);
    const auto biasOf = [&](size_t c) {
      return layer.bias.empty() ? 0 : layer.bias[c];
    };
    // Biases must stay far inside of 32 bits.
    const auto leastScale = [&](size_t c) {
      return (std::abs(biasOf(c)) + std::abs(moments.channels[c].mean)) /
             (input.scale * 0x1p29);
    };
    const auto round = [&](size_t c, const RoundingOptions &how,
                           std::optional<double> scale) {
      return roundChannel(moments.groups[c / filters], moments.channels[c],
                          biasOf(c), weights.format, how, leastScale(c), scale);
    };
    std::optional<double> scale;
    if (!weights.format.perChannel) {
      scale = commonScale(moments, weights.format, round);
      for (size_t c = 0; c < channels; ++c)
        scale = std::max(*scale, leastScale(c));
    }
    parallelFor(0, static_cast<int64_t>(channels), options.threads,
                [&](int64_t c) {
                  rounded[static_cast<size_t>(c)] =
                      round(static_cast<size_t>(c), rounding, scale);
                });
    for (const RoundedChannel &channel : rounded) {
      weights.codes.insert(weights.codes.end(), channel.codes.begin(),
                           channel.codes.end());
      if (weights.format.perChannel || weights.scales.empty())
        weights.scales.push_back(channel.scale);
      if (weights.format.affine)
        weights.zeros.push_back(channel.zero);
      weights.bias.push_back(channel.bias);
    }
  }

  template <typename Round>
  double commonScale(const LayerMoments &moments, const WeightFormat &format,
                     const Round &round) const {
    std::vector<double> all;
    for (const ChannelTarget &channel : moments.channels)
      all.insert(all.end(), channel.weights.begin(), channel.weights.end());
    const double widest = std::max(widestScale(format, all), 1e-30);
    RoundingOptions plain;
    plain.learn = plain.fit = false;
    double best = widest, least = std::numeric_limits<double>::infinity();
    for (int i = 0; i < 24; ++i) {
      const double scale = widest * (1 - i / 36.0);
      std::vector<double> errors(moments.channels.size());
      parallelFor(0, static_cast<int64_t>(errors.size()), options.threads,
                  [&](int64_t c) {
                    errors[static_cast<size_t>(c)] =
                        round(static_cast<size_t>(c), plain, scale).error;
                  });
      double sum = 0;
      for (const double error : errors)
        sum += error;
      if (sum < least) {
        least = sum;
        best = scale;
      }
    }
    return best;
  }

  /// From the moments: E[(W x + b - y)^2] over E[(y - E y)^2].
  static double relativeError(const Layer &layer, const LayerMoments &moments,
                              const QuantWeights &weights) {
    const size_t channels = moments.channels.size();
    const size_t filters = channels / moments.groups.size();
    double error = 0, power = 0;
    for (size_t c = 0; c < channels; ++c) {
      const Moments &m = moments.groups[c / filters];
      const ChannelTarget &target = moments.channels[c];
      const auto features = static_cast<size_t>(m.features);
      std::vector<double> w(features);
      double mean = weights.bias.empty() ? 0 : weights.bias[c];
      for (size_t i = 0; i < features; ++i) {
        w[i] = weights.scale(c) *
               (factorOf(weights.format.code, weights.codes[c * features + i]) -
                (weights.zeros.empty() ? 0 : weights.zeros[c]));
        mean += w[i] * m.mean[i];
      }
      double square = target.variance;
      for (size_t i = 0; i < features; ++i) {
        double sum = -m.damping * w[i];
        for (size_t j = 0; j < features; ++j)
          sum += m.covariance[i * features + j] * w[j];
        square += w[i] * (sum - 2 * target.correlation[i]);
      }
      error +=
          std::max(square, 0.0) + (mean - target.mean) * (mean - target.mean);
      power += target.variance;
    }
    return power > 0 ? error / power : 0;
  }

  const Network &net;
  const std::vector<std::vector<float>> &samples;
  const CalibrationOptions &options;
  const std::string where;
  const std::vector<int> sets;
  size_t count = 0; ///< samples that are used
  int wide = -1;
  std::vector<Kept> kept; ///< by layer
  std::vector<Seen> seen;
  std::vector<char> decided;
  std::vector<std::vector<float>> real;
  std::vector<std::vector<int32_t>> codes;
  IntNetwork ints; ///< values only: what evaluation of a layer looks at
  Calibration result;
};

} // namespace

uint64_t progressSteps(const Network &net) { return net.layers.size() + 1; }

Expected<Calibration> calibrate(const Network &net,
                                const std::vector<std::vector<float>> &samples,
                                const CalibrationOptions &options,
                                const std::string &where) {
  return Calibrator(net, samples, options, where).run();
}

} // namespace hillock::ann
