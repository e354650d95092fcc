//===- runtime/stream/ReadArray.cpp ---------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Which axis of an array is what. The network's input shape decides which
// trailing axes are neurons; what is left in front is time, samples, or both.
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "base/Npy.h"
#include "runtime/stream/Readers.h"
#include <cctype>
#include <cmath>

namespace hillock::runtime {

namespace {

using Shape = std::vector<int64_t>;

/// An array seen as samples x steps x neurons.
struct Layout {
  int64_t samples = 1, steps = 1, neurons = 1;
  bool timeFirst = false;
  Shape shape; ///< of one time step

  int64_t index(int64_t sample, int64_t step) const {
    return (timeFirst ? step * samples + sample : sample * steps + step) *
           neurons;
  }
};

} // namespace

static Shape squeeze(const Shape &shape) {
  Shape result;
  std::copy_if(shape.begin(), shape.end(), std::back_inserter(result),
               [](int64_t extent) { return extent != 1; });
  return result;
}

static int64_t product(const Shape &shape) {
  int64_t count = 0;
  return elementCount(shape, count) ? count : -1;
}

/// How well the axes from \p lead on are the network's input: 3 exactly, 2 as
/// a flat vector, 1 but for axes of length 1, 0 not.
static int matchScore(const Shape &found, size_t lead, const Shape &input) {
  const Shape trailing(found.begin() + static_cast<ptrdiff_t>(lead),
                       found.end());
  if (trailing == input)
    return 3;
  if (product(trailing) != product(input))
    return 0;
  if (trailing.size() <= 1 || squeeze(input).size() <= 1)
    return 2;
  return squeeze(trailing) == squeeze(input) ? 1 : 0;
}

static Error noMatch(const NdArray &array, const std::string &where,
                     const ReadOptions &options) {
  const bool images = options.encode.has_value();
  std::string wanted = describeShape(options.inputShape);
  return inputError(
      "found " + array.describe() + ", the network's input is " + wanted, where,
      images ? "give images (samples, input...) or (input...)"
             : "give (steps, input...) or (samples, steps, input...), or "
               "choose an encoding for images without time");
}

/// The number of axes before the neurons' axes.
static Expected<size_t> leadingAxes(const NdArray &array, const NdArray *labels,
                                    const std::string &where,
                                    const ReadOptions &options) {
  const size_t rank = array.shape.size();
  const bool images = options.encode.has_value();
  const size_t most = images ? 1 : 2, fewest = images ? 0 : 1;
  if (!options.inputShape.empty()) {
    size_t best = rank + 1;
    int bestScore = 0;
    // From many to few: as many labels as the first axis has mean samples.
    for (size_t lead = std::min(most, rank) + 1; lead-- > fewest;) {
      const int score = matchScore(array.shape, lead, options.inputShape);
      if (score > bestScore) {
        best = lead;
        bestScore = score;
      }
    }
    if (best > rank)
      return noMatch(array, where, options);
    return best;
  }
  if (images && rank >= 2)
    return 1;
  if (!images && rank == 2)
    return 1;
  if (!images && rank > 2 && labels && labels->size() == array.shape[0])
    return 2;
  return inputError("cannot tell what the axes of " + array.describe() +
                        " mean",
                    where, "give the network's input shape");
}

static Expected<Layout> findLayout(const NdArray &array, const NdArray *labels,
                                   const std::string &where,
                                   const ReadOptions &options) {
  Expected<size_t> lead = leadingAxes(array, labels, where, options);
  if (!lead)
    return lead.takeError();
  Layout layout;
  const Shape &shape = array.shape;
  layout.shape = options.inputShape;
  if (layout.shape.empty())
    layout.shape.assign(shape.begin() + static_cast<ptrdiff_t>(*lead),
                        shape.end());
  layout.neurons = product(layout.shape);
  if (options.encode) {
    layout.samples = *lead ? shape[0] : 1;
  } else if (*lead == 2) {
    layout.timeFirst = options.timeFirst;
    layout.samples = shape[options.timeFirst ? 1 : 0];
    layout.steps = shape[options.timeFirst ? 0 : 1];
  } else {
    layout.steps = shape[0];
  }
  if (layout.samples < 1 || layout.steps < 1 || layout.neurons < 1)
    return inputError("the array " + array.describe() + " is empty", where);
  if (layout.steps > maxSteps || layout.neurons > maxNeurons)
    return inputError("the array " + array.describe() +
                          " is beyond 2^31 steps or neurons",
                      where, "split it");
  return std::move(layout);
}

/// The value that counts as full intensity, when the user gave none.
static Error defaultMax(EncodeOptions &encode, const NdArray &array,
                        const std::string &where) {
  if (encode.max != 0 || encode.encoding == Encoding::None)
    return Error::success();
  if (array.type == ElementType::U8)
    encode.max = 255;
  else if (!isInteger(array.type) || array.type == ElementType::Bool)
    encode.max = 1;
  else
    return inputError("it is not known which value of " + array.describe() +
                          " means full intensity",
                      where, "give --encode-max");
  return Error::success();
}

static Expected<Stimulus> timedSample(const NdArray &array,
                                      const Layout &layout, int64_t sample,
                                      const std::string &where,
                                      const ReadOptions &options) {
  Stimulus result;
  result.shape = layout.shape;
  result.steps = stepsFor(options, layout.steps);
  const int64_t steps = std::min(result.steps, layout.steps);
  for (int64_t step = 0; step < steps; ++step) {
    const int64_t row = layout.index(sample, step);
    for (int64_t neuron = 0; neuron < layout.neurons; ++neuron) {
      const auto value = static_cast<float>(array.valueAt(row + neuron));
      if (value == 0)
        continue;
      if (!std::isfinite(value))
        return inputError("the value of sample " + std::to_string(sample) +
                              ", step " + std::to_string(step) + ", neuron " +
                              std::to_string(neuron) + " is " +
                              std::to_string(value),
                          where, "remove it from the data");
      result.events.push_back(
          {static_cast<uint32_t>(step), static_cast<uint32_t>(neuron), value});
    }
  }
  return std::move(result);
}

static Expected<Stimulus> imageSample(const NdArray &array,
                                      const Layout &layout, int64_t sample,
                                      const EncodeOptions &encode,
                                      const std::string &where) {
  std::vector<float> image(static_cast<size_t>(layout.neurons));
  for (int64_t i = 0; i < layout.neurons; ++i)
    image[static_cast<size_t>(i)] =
        static_cast<float>(array.valueAt(sample * layout.neurons + i));
  return encodeImage(image, layout.shape, static_cast<uint64_t>(sample), encode,
                     where + ", image " + std::to_string(sample));
}

Expected<DataSet> samplesOfArray(const NdArray &array, const NdArray *labels,
                                 const std::string &where,
                                 const ReadOptions &options) {
  Expected<Layout> layout = findLayout(array, labels, where, options);
  if (!layout)
    return layout.takeError();
  DataSet set;
  const SampleRange range = selectSamples(options, layout->samples);
  if (labels) {
    Expected<std::vector<int64_t>> all = labels->toInts(where + ", labels");
    if (!all)
      return all.takeError();
    if (static_cast<int64_t>(all->size()) != layout->samples)
      return inputError(
          "found " + describeCount(all->size(), "label") + " for " +
              describeCount(static_cast<uint64_t>(layout->samples), "sample") +
              " in " + array.describe(),
          where, "give one class number for each sample");
    set.labels.assign(all->begin() + range.first, all->begin() + range.last);
  }

  ReadOptions chosen = options;
  if (chosen.encode) {
    if (options.steps > 0)
      chosen.encode->steps = options.steps;
    if (Error error = defaultMax(*chosen.encode, array, where))
      return std::move(error);
  }
  Expected<std::vector<Stimulus>> samples =
      makeSamples(range, options.threads, [&](int64_t i) {
        return chosen.encode
                   ? imageSample(array, *layout, i, *chosen.encode, where)
                   : timedSample(array, *layout, i, where, chosen);
      });
  if (!samples)
    return samples.takeError();
  set.samples = std::move(*samples);
  return std::move(set);
}

static std::string lower(std::string text) {
  for (char &c : text)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// The array that goes by one of \p names, in their order of preference.
static const std::pair<const std::string, NdArray> *
findArray(const NpzArrays &arrays, std::span<const char *const> names) {
  for (const char *name : names)
    for (const auto &entry : arrays)
      if (lower(entry.first) == name)
        return &entry;
  return nullptr;
}

static Expected<DataSet> readNpzSamples(std::string_view bytes,
                                        const std::string &path,
                                        const ReadOptions &options) {
  static const char *const inputNames[] = {
      "x",      "input",  "inputs", "data",   "images", "image",
      "frames", "spikes", "inp",    "x_test", "test_x", "arr_0"};
  static const char *const labelNames[] = {"y",      "label",   "labels",
                                           "target", "targets", "classes",
                                           "y_test", "test_y",  "arr_1"};
  Expected<NpzArrays> arrays = parseNpz(bytes, path);
  if (!arrays)
    return arrays.takeError();
  const auto *input = findArray(*arrays, inputNames);
  const auto *labels = findArray(*arrays, labelNames);
  if (!input && arrays->size() == (labels ? 2 : 1))
    for (const auto &entry : *arrays)
      if (&entry != labels)
        input = &entry;
  if (!input || input == labels) {
    std::vector<std::string> names;
    for (const auto &entry : *arrays)
      names.push_back("'" + entry.first + "'");
    return inputError("holds " + describeList(names, 6) +
                          ", none of which is known to be the input",
                      path, "name the input 'x' and the labels 'y'");
  }
  return samplesOfArray(input->second, labels ? &labels->second : nullptr,
                        path + ", array '" + input->first + "'", options);
}

Expected<DataSet> readArrayFile(std::string_view bytes, const std::string &path,
                                const ReadOptions &options) {
  if (looksLikeZip(bytes))
    return readNpzSamples(bytes, path, options);
  Expected<NdArray> array = parseNpy(bytes, path);
  if (!array)
    return array.takeError();
  return samplesOfArray(*array, nullptr, path, options);
}

} // namespace hillock::runtime
