//===- compiler/mapping/problem/Connectivity.cpp --------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/problem/Connectivity.h"
#include "base/Describe.h"
#include <algorithm>

namespace hillock::mapping {

namespace {

std::string lengthProblem(const Weights &weights, uint64_t wanted) {
  if (weights && weights->size() == wanted)
    return {};
  return withSeparators(uint64_t{weights ? weights->size() : 0}) +
         " weights instead of " + withSeparators(wanted);
}

} // namespace

DenseStage::DenseStage(uint32_t inputs, uint32_t outputs,
                       const Weights &weights)
    : inputCount(inputs), outputCount(outputs) {
  const uint64_t count = uint64_t{inputs} * outputs;
  if (!weights || weights->size() != count)
    return; // problem() tells
  columns.resize(count);
  // In blocks, so that neither side of the transposition leaves the cache.
  constexpr uint32_t block = 64;
  for (uint32_t o0 = 0; o0 < outputs; o0 += block)
    for (uint32_t i0 = 0; i0 < inputs; i0 += block)
      for (uint32_t o = o0; o < std::min(outputs, o0 + block); ++o)
        for (uint32_t i = i0; i < std::min(inputs, i0 + block); ++i)
          columns[size_t{i} * outputs + o] = (*weights)[size_t{o} * inputs + i];
}

std::string DenseStage::problem() const {
  if (columns.size() == uint64_t{inputCount} * outputCount && !columns.empty())
    return {};
  return "its weights do not have shape (" + std::to_string(outputCount) +
         ", " + std::to_string(inputCount) + ")";
}

void DenseStage::push(Hit hit, std::vector<Hit> &hits) const {
  const int16_t *column = columns.data() + size_t{hit.index} * outputCount;
  for (uint32_t o = 0; o < outputCount; ++o)
    if (column[o] != 0)
      hits.push_back({o, column[o], hit.delay});
}

uint32_t WindowAxis::outputs() const {
  const uint64_t padded = uint64_t{size} + padBegin + padEnd;
  const uint64_t span = uint64_t{dilation} * (kernel - 1) + 1;
  if (kernel == 0 || stride == 0 || dilation == 0 || padded < span)
    return 0;
  return static_cast<uint32_t>((padded - span) / stride + 1);
}

int64_t WindowAxis::outputAt(uint32_t input, uint32_t tap) const {
  const int64_t begin =
      int64_t{input} + padBegin - int64_t{tap} * dilation; // of the window
  if (begin < 0 || begin % stride != 0 || begin / stride >= outputs())
    return -1;
  return begin / stride;
}

std::string ConvStage::problem() const {
  if (groups == 0 || inChannels % groups != 0 || outChannels % groups != 0)
    return std::to_string(inChannels) + " and " + std::to_string(outChannels) +
           " channels are not multiples of " + std::to_string(groups) +
           " groups";
  if (outputs() == 0)
    return "the kernel is larger than its padded input";
  return lengthProblem(weights, uint64_t{outChannels} * (inChannels / groups) *
                                    y.kernel * x.kernel);
}

namespace {

/// Taps of an axis that an input meets, with the outputs, in ascending order
/// of the outputs: a later tap meets the input at an earlier output.
struct Meeting {
  uint32_t tap, output;
};

void meet(const WindowAxis &axis, uint32_t input, std::vector<Meeting> &list) {
  list.clear();
  for (uint32_t tap = axis.kernel; tap-- > 0;)
    if (const int64_t output = axis.outputAt(input, tap); output >= 0)
      list.push_back({tap, static_cast<uint32_t>(output)});
}

} // namespace

void ConvStage::push(Hit hit, std::vector<Hit> &hits) const {
  static thread_local std::vector<Meeting> rows, columns;
  const uint32_t pixels = y.size * x.size;
  const uint32_t channel = hit.index / pixels, pixel = hit.index % pixels;
  const uint32_t inGroup = inChannels / groups, outGroup = outChannels / groups;
  const uint32_t height = y.outputs(), width = x.outputs();
  const uint32_t firstOut = channel / inGroup * outGroup;
  meet(y, pixel / x.size, rows);
  meet(x, pixel % x.size, columns);
  for (uint32_t o = firstOut; o < firstOut + outGroup; ++o) {
    const int16_t *kernel =
        weights->data() +
        (size_t{o} * inGroup + channel % inGroup) * y.kernel * x.kernel;
    for (const Meeting &row : rows)
      for (const Meeting &column : columns)
        if (const int16_t weight = kernel[row.tap * x.kernel + column.tap])
          hits.push_back({(o * height + row.output) * width + column.output,
                          weight, hit.delay});
  }
}

std::string PoolStage::problem() const {
  return outputs() == 0 ? "the window is larger than its padded input" : "";
}

void PoolStage::push(Hit hit, std::vector<Hit> &hits) const {
  const uint32_t pixels = y.size * x.size;
  const uint32_t channel = hit.index / pixels, pixel = hit.index % pixels;
  const uint32_t height = y.outputs(), width = x.outputs();
  for (uint32_t ky = y.kernel; ky-- > 0;) {
    const int64_t oy = y.outputAt(pixel / x.size, ky);
    if (oy < 0)
      continue;
    for (uint32_t kx = x.kernel; kx-- > 0;) {
      const int64_t ox = x.outputAt(pixel % x.size, kx);
      if (ox >= 0)
        hits.push_back(
            {static_cast<uint32_t>((channel * height + oy) * width + ox),
             hit.mantissa, hit.delay});
    }
  }
}

std::string ElementwiseStage::problem() const {
  const size_t given = weights ? weights->size() : 0;
  if (given != 0 && given <= count && count % given == 0)
    return {};
  return withSeparators(uint64_t{given}) + " weights for " +
         withSeparators(uint64_t{count}) + " elements";
}

void ElementwiseStage::push(Hit hit, std::vector<Hit> &hits) const {
  const int16_t weight = (*weights)[hit.index / (count / weights->size())];
  if (weight != 0)
    hits.push_back({hit.index, weight, hit.delay});
}

SparseStage::SparseStage(uint32_t inputs, uint32_t outputs,
                         std::vector<Entry> list)
    : inputCount(inputs), outputCount(outputs), entries(std::move(list)),
      first(size_t{inputs} + 1) {
  std::stable_sort(
      entries.begin(), entries.end(), [](const Entry &a, const Entry &b) {
        return a.source != b.source ? a.source < b.source : a.target < b.target;
      });
  for (const Entry &entry : entries)
    if (entry.source < inputs)
      ++first[entry.source + 1];
  for (size_t s = 0; s < inputs; ++s)
    first[s + 1] += first[s];
}

std::string SparseStage::problem() const {
  for (const Entry &entry : entries)
    if (entry.source >= inputCount || entry.target >= outputCount)
      return "synapse " + std::to_string(entry.source) + " -> " +
             std::to_string(entry.target) + " is outside " +
             std::to_string(inputCount) + " x " + std::to_string(outputCount);
  return {};
}

void SparseStage::push(Hit hit, std::vector<Hit> &hits) const {
  for (uint32_t e = first[hit.index]; e < first[hit.index + 1]; ++e)
    if (entries[e].mantissa != 0)
      hits.push_back({entries[e].target, entries[e].mantissa,
                      static_cast<uint8_t>(hit.delay + entries[e].delay)});
}

namespace {

bool isWeighted(const Stage &stage) {
  return !std::holds_alternative<PoolStage>(stage) &&
         !std::holds_alternative<ReshapeStage>(stage);
}

} // namespace

Expected<std::shared_ptr<const ChainConnectivity>>
ChainConnectivity::create(std::vector<Stage> stages,
                          std::vector<uint8_t> delays,
                          const std::string &where) {
  const auto wrong = [&](size_t stage, const std::string &what) {
    return makeError(ErrorKind::Internal, what,
                     where + (where.empty() ? "" : ", ") + "stage " +
                         std::to_string(stage));
  };
  if (stages.empty())
    return wrong(0, "a chain needs at least one stage");
  std::shared_ptr<ChainConnectivity> chain(new ChainConnectivity);
  uint32_t size = 0, weighted = 0;
  chain->local = true;
  for (size_t i = 0; i < stages.size(); ++i) {
    const auto [inputs, outputs, problem] = std::visit(
        [](const auto &stage) {
          return std::tuple(stage.inputs(), stage.outputs(), stage.problem());
        },
        stages[i]);
    if (!problem.empty())
      return wrong(i, problem);
    if (i == 0)
      chain->inputCount = inputs;
    else if (inputs != size)
      return wrong(i, std::to_string(inputs) + " inputs follow " +
                          std::to_string(size) + " outputs");
    size = outputs;
    weighted += isWeighted(stages[i]);
    chain->local &= !std::holds_alternative<DenseStage>(stages[i]) &&
                    !std::holds_alternative<SparseStage>(stages[i]);
  }
  if (weighted > 1)
    return wrong(0, std::to_string(weighted) + " stages have weights, a "
                                               "synapse has but one");
  if (delays.size() > 1 && delays.size() != chain->inputCount)
    return wrong(0, std::to_string(delays.size()) + " delays for " +
                        std::to_string(chain->inputCount) + " neurons");
  chain->outputCount = size;
  chain->stages = std::move(stages);
  chain->delays = std::move(delays);
  return chain;
}

void ChainConnectivity::pushThrough(size_t count, uint32_t source,
                                    std::vector<Hit> &hits) const {
  static thread_local std::vector<Hit> next;
  const uint8_t delay = delays.empty()       ? uint8_t{0}
                        : delays.size() == 1 ? delays[0]
                                             : delays[source];
  hits.assign(1, Hit{source, 1, delay});
  for (size_t i = 0; i < count; ++i) {
    next.clear();
    std::visit(
        [&](const auto &s) {
          for (Hit hit : hits)
            s.push(hit, next);
        },
        stages[i]);
    hits.swap(next);
  }
}

void ChainConnectivity::beforeLast(uint32_t source,
                                   std::vector<Hit> &hits) const {
  pushThrough(stages.size() - 1, source, hits);
}

std::optional<uint8_t> ChainConnectivity::uniformDelay() const {
  if (delays.empty())
    return uint8_t{0};
  for (uint8_t delay : delays)
    if (delay != delays[0])
      return std::nullopt;
  return delays[0];
}

void ChainConnectivity::append(uint32_t source,
                               std::vector<Synapse> &synapses) const {
  // A buffer of the thread: a million calls should not allocate.
  static thread_local std::vector<Hit> hits;
  pushThrough(stages.size(), source, hits);
  const size_t begin = synapses.size();
  for (const Hit &hit : hits)
    synapses.push_back({hit.index, hit.mantissa, hit.delay});
  const auto first = synapses.begin() + static_cast<ptrdiff_t>(begin);
  if (!std::is_sorted(first, synapses.end()))
    std::sort(first, synapses.end());
}

} // namespace hillock::mapping
