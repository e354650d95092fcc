//===- compiler/mapping/solver/WindowCount.cpp ----------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/mapping/solver/WindowCount.h"
#include "base/Random.h"
#include "compiler/mapping/problem/Connectivity.h"
#include "compiler/mapping/problem/PartitionProblem.h"
#include <algorithm>
#include <map>
#include <unordered_map>

namespace hillock::mapping {

namespace {

const ChainConnectivity *chainOf(const Projection &projection) {
  return dynamic_cast<const ChainConnectivity *>(projection.connectivity.get());
}

/// Mixes numbers into one that stands for all of them.
uint64_t mix(std::initializer_list<uint64_t> numbers) {
  uint64_t hash = 0;
  for (uint64_t number : numbers)
    hash = sm64(hash + number);
  return hash;
}

/// What all sets of one kind have in common; targets count from the base.
struct Kind {
  uint32_t longest = 0; ///< synapses of an atom
  uint32_t lowest = UINT32_MAX, highest = 0;
  std::vector<uint32_t> atoms;
};

/// What both counters share: offsets, shapes and calls.
class Counter {
public:
  Counter(const Grouping &grouping, const target::TargetModel &target,
          uint8_t delay, const std::function<void(const RowSet &)> &visit)
      : grouping(grouping), delay(delay),
        discrete(grouping.type == image::AxonType::Discrete),
        step(discrete ? 1 : target.proto().axons().population_cx_base_step()),
        limit(discrete ? 0 : cxBaseLimit(target, grouping.type)), visit(visit) {
  }

protected:
  /// A set of \p kind whose target 0 is compartment \p base of \p block. Its
  /// content is told by \p hash and by where it lies relative to the offset.
  void emit(uint32_t group, uint32_t block, const Kind &kind, uint64_t base,
            uint64_t hash) {
    if (kind.atoms.empty())
      return;
    const auto lowest = static_cast<uint32_t>(base) + kind.lowest;
    set.group = group;
    set.block = block;
    set.offset = std::min(lowest, limit) / step * step;
    set.shape = {};
    set.shape.rows = grouping.atomsOf(group);
    set.shape.sparse = kind.longest;
    set.shape.maxTarget =
        static_cast<uint32_t>(base) + kind.highest - set.offset;
    set.shape.dense = set.shape.maxTarget + 1;
    set.shape.maxDelay = delay;
    set.hash = mix({hash, base - set.offset, set.shape.rows});
    set.atoms = kind.atoms;
    visit(set);
  }

  const Grouping &grouping;
  uint8_t delay;
  bool discrete;
  uint32_t step, limit;
  const std::function<void(const RowSet &)> &visit;
  RowSet set;
};

/// All to all, into blocks of consecutive outputs.
class DenseCounter : Counter {
public:
  DenseCounter(const ChainConnectivity &chain, const DenseStage &stage,
               const Grouping &grouping, const Cut &cut,
               const target::TargetModel &target,
               const std::function<void(const RowSet &)> &visit)
      : Counter(grouping, target, *chain.uniformDelay(), visit), chain(chain),
        stage(stage), cut(cut) {}

  void run() {
    const auto blocks = static_cast<uint32_t>(cut.sizes.size());
    std::vector<Hit> hits;
    std::vector<int64_t> input;
    for (uint32_t group = 0; group < grouping.groups(); ++group) {
      input.clear();
      uint64_t hash = 1;
      for (uint32_t atom = 0; atom < grouping.atomsOf(group); ++atom) {
        chain.beforeLast(grouping.neuron(group, atom), hits);
        input.push_back(hits.empty() ? -1 : int64_t{hits[0].index});
        hash = mix({hash, static_cast<uint64_t>(input.back())});
      }
      for (uint32_t block = 0; block < blocks; ++block) {
        const Kind kind =
            count(input, firstOfPart(block, blocks, stage.outputs()),
                  firstOfPart(block + 1, blocks, stage.outputs()));
        emit(group, block, kind, 0, hash);
      }
    }
  }

private:
  Kind count(const std::vector<int64_t> &input, uint32_t first,
             uint32_t end) const {
    Kind kind;
    for (uint32_t atom = 0; atom < input.size(); ++atom) {
      if (input[atom] < 0)
        continue;
      const int16_t *column =
          stage.columns.data() + size_t(input[atom]) * stage.outputs();
      uint32_t synapses = 0;
      for (uint32_t o = first; o < end; ++o)
        synapses += column[o] != 0;
      if (synapses == 0)
        continue;
      uint32_t low = first, high = end - 1;
      while (column[low] == 0)
        ++low;
      while (column[high] == 0)
        --high;
      kind.atoms.push_back(atom);
      kind.longest = std::max(kind.longest, synapses);
      kind.lowest = std::min(kind.lowest, low - first);
      kind.highest = std::max(kind.highest, high - first);
    }
    return kind;
  }

  const ChainConnectivity &chain;
  const DenseStage &stage;
  const Cut &cut;
};

/// How an axis of the window meets a tile: taps, and how far behind the first
/// output that is met.
using Meetings = std::vector<std::pair<uint32_t, uint32_t>>;

/// One axis of a convolution, cut into tiles.
class AxisTiles {
public:
  struct Part {
    uint32_t tile, list;
    uint32_t first; ///< output that is met first, from the tile's first on
  };

  AxisTiles(const WindowAxis &axis, uint32_t tiles) {
    const uint32_t outputs = axis.outputs();
    for (uint32_t t = 0; t <= tiles; ++t)
      firsts.push_back(firstOfPart(t, tiles, outputs));
    std::map<Meetings, uint32_t> known;
    for (uint32_t at = 0; at < axis.size; ++at) {
      std::vector<Part> &mine = parts.emplace_back();
      for (uint32_t t = 0; t < tiles; ++t) {
        Meetings meetings;
        uint32_t first = 0;
        for (uint32_t tap = axis.kernel; tap-- > 0;) {
          const int64_t output = axis.outputAt(at, tap);
          if (output < int64_t{firsts[t]} || output >= int64_t{firsts[t + 1]})
            continue;
          if (meetings.empty())
            first = static_cast<uint32_t>(output);
          meetings.emplace_back(tap, static_cast<uint32_t>(output) - first);
        }
        if (meetings.empty())
          continue;
        const auto [found, isNew] =
            known.try_emplace(meetings, static_cast<uint32_t>(lists.size()));
        if (isNew)
          lists.push_back(meetings);
        mine.push_back({t, found->second, first - firsts[t]});
      }
    }
  }

  std::vector<std::vector<Part>> parts; ///< by input position
  std::vector<Meetings> lists;
  std::vector<uint32_t> firsts; ///< outputs, by tile
};

class ConvCounter : Counter {
public:
  ConvCounter(const ChainConnectivity &chain, const ConvStage &stage,
              const Grouping &grouping, const Cut &cut,
              const target::TargetModel &target,
              const std::function<void(const RowSet &)> &visit)
      : Counter(grouping, target, *chain.uniformDelay(), visit), chain(chain),
        stage(stage), tiling(cut.tiling), y(stage.y, tiling.rows),
        x(stage.x, tiling.columns), taps(stage.y.kernel * stage.x.kernel),
        inGroup(stage.inChannels / stage.groups),
        outGroup(stage.outChannels / stage.groups) {
    // Weights that are not zero, summed over output channels.
    sums.resize(size_t{stage.inChannels} * taps * (outGroup + 1));
    for (uint32_t channel = 0; channel < stage.inChannels; ++channel)
      for (uint32_t tap = 0; tap < taps; ++tap) {
        uint32_t *to = sumsOf(channel, tap);
        for (uint32_t o = 0; o < outGroup; ++o)
          to[o + 1] = to[o] + (weight(channel, o, tap) != 0);
      }
  }

  void run() {
    const uint32_t pixels = stage.y.size * stage.x.size;
    std::vector<Hit> hits;
    std::vector<int64_t> channels;
    for (uint32_t group = 0; group < grouping.groups(); ++group) {
      channels.clear();
      uint32_t pixel = 0;
      uint64_t hash = 2;
      for (uint32_t atom = 0; atom < grouping.atomsOf(group); ++atom) {
        chain.beforeLast(grouping.neuron(group, atom), hits);
        channels.push_back(hits.empty() ? -1 : int64_t{hits[0].index / pixels});
        pixel = hits.empty() ? pixel : hits[0].index % pixels;
        hash = mix({hash, static_cast<uint64_t>(channels.back())});
      }
      pixelSets(group, channels, pixel, hash);
    }
  }

private:
  int16_t weight(uint32_t channel, uint32_t o, uint32_t tap) const {
    const uint32_t out = channel / inGroup * outGroup + o;
    return (*stage.weights)[(size_t{out} * inGroup + channel % inGroup) * taps +
                            tap];
  }
  uint32_t *sumsOf(uint32_t channel, uint32_t tap) {
    return sums.data() + (size_t{channel} * taps + tap) * (outGroup + 1);
  }

  void pixelSets(uint32_t group, const std::vector<int64_t> &channels,
                 uint32_t pixel, uint64_t hash) {
    const auto &rows = y.parts[pixel / stage.x.size];
    const auto &columns = x.parts[pixel % stage.x.size];
    for (uint32_t b = 0; b < tiling.blocks; ++b) {
      const uint32_t first = firstOfPart(b, tiling.blocks, stage.outChannels);
      const uint32_t end = firstOfPart(b + 1, tiling.blocks, stage.outChannels);
      for (const AxisTiles::Part &row : rows)
        for (const AxisTiles::Part &column : columns) {
          const uint32_t width =
              x.firsts[column.tile + 1] - x.firsts[column.tile];
          const uint64_t what = mix({hash, b, row.list, column.list, width});
          const auto [known, isNew] = kinds.try_emplace(what);
          if (isNew)
            known->second = count(channels, y.lists[row.list],
                                  x.lists[column.list], width, first, end);
          const uint64_t base =
              (uint64_t{row.first} * width + column.first) * (end - first);
          const uint32_t block =
              (b * tiling.rows + row.tile) * tiling.columns + column.tile;
          emit(group, block, known->second, base, what);
        }
    }
  }

  /// Into channels \p first .. \p end - 1 of a tile \p width pixels wide.
  Kind count(const std::vector<int64_t> &channels, const Meetings &rows,
             const Meetings &columns, uint32_t width, uint32_t first,
             uint32_t end) {
    Kind kind;
    for (uint32_t atom = 0; atom < channels.size(); ++atom) {
      if (channels[atom] < 0)
        continue;
      const auto channel = static_cast<uint32_t>(channels[atom]);
      const uint32_t begin = channel / inGroup * outGroup;
      // The channels of this atom's group in the block.
      const uint32_t low = std::clamp(first, begin, begin + outGroup) - begin;
      const uint32_t high = std::clamp(end, begin, begin + outGroup) - begin;
      uint32_t synapses = 0;
      for (const auto &[ty, dy] : rows)
        for (const auto &[tx, dx] : columns) {
          const uint32_t tap = ty * stage.x.kernel + tx;
          const uint32_t *sum = sumsOf(channel, tap);
          if (sum[high] == sum[low])
            continue;
          synapses += sum[high] - sum[low];
          const uint32_t base = (dy * width + dx) * (end - first);
          uint32_t least = low, most = high - 1;
          while (weight(channel, least, tap) == 0)
            ++least;
          while (weight(channel, most, tap) == 0)
            --most;
          kind.lowest = std::min(kind.lowest, base + begin + least - first);
          kind.highest = std::max(kind.highest, base + begin + most - first);
        }
      if (synapses > 0)
        kind.atoms.push_back(atom);
      kind.longest = std::max(kind.longest, synapses);
    }
    return kind;
  }

  const ChainConnectivity &chain;
  const ConvStage &stage;
  const Tiling &tiling;
  AxisTiles y, x;
  uint32_t taps, inGroup, outGroup;
  std::vector<uint32_t> sums;
  std::unordered_map<uint64_t, Kind> kinds; // never iterated
};

/// The stages before the last turn a neuron into one or none.
bool isSimple(const ChainConnectivity &chain) {
  const std::vector<Stage> &stages = chain.stageList();
  for (size_t i = 0; i + 1 < stages.size(); ++i) {
    if (std::holds_alternative<ReshapeStage>(stages[i]))
      continue;
    const auto *pool = std::get_if<PoolStage>(&stages[i]);
    const auto apart = [](const WindowAxis &axis) {
      return axis.dilation == 1 && axis.kernel <= axis.stride;
    };
    if (!pool || !apart(pool->y) || !apart(pool->x))
      return false;
  }
  return chain.uniformDelay().has_value();
}

/// True when all neurons of a group become inputs of one pixel of \p stage.
bool keepsPixels(const ChainConnectivity &chain, const ConvStage &stage,
                 const Grouping &grouping) {
  if (grouping.type == image::AxonType::Discrete)
    return true;
  const Extent &extent = grouping.extent;
  if (extent.channels != stage.inChannels)
    return false;
  // Each stage works on pixels of these channels, so groups stay together.
  Extent now = extent;
  for (const Stage &before : chain.stageList())
    if (const auto *pool = std::get_if<PoolStage>(&before)) {
      if (pool->channels != now.channels || pool->y.size != now.height ||
          pool->x.size != now.width)
        return false;
      now.height = pool->y.outputs();
      now.width = pool->x.outputs();
    }
  return stage.y.size == now.height && stage.x.size == now.width;
}

} // namespace

bool isCountable(const Projection &projection) {
  const ChainConnectivity *chain = chainOf(projection);
  return chain && isSimple(*chain) &&
         (std::holds_alternative<ConvStage>(chain->stageList().back()) ||
          std::holds_alternative<DenseStage>(chain->stageList().back()));
}

void countRowSets(const Projection &projection, const Grouping &grouping,
                  const Cut &cut, const Extent &extent,
                  const target::TargetModel &target,
                  const std::function<void(const RowSet &)> &visit,
                  const std::function<void(const RowSet &)> &announce) {
  if (!isCountable(projection)) {
    forEachRowSet(projection, grouping, cut, target, visit, announce);
    return;
  }
  const ChainConnectivity &chain = *chainOf(projection);
  const Stage &last = chain.stageList().back();
  if (const auto *dense = std::get_if<DenseStage>(&last)) {
    if (extent.pixels() == 1) {
      DenseCounter(chain, *dense, grouping, cut, target, visit).run();
      return;
    }
  } else if (const auto *conv = std::get_if<ConvStage>(&last)) {
    const Extent out{conv->outChannels, conv->y.outputs(), conv->x.outputs()};
    if (extent == out && keepsPixels(chain, *conv, grouping)) {
      ConvCounter(chain, *conv, grouping, cut, target, visit).run();
      return;
    }
  }
  forEachRowSet(projection, grouping, cut, target, visit, announce);
}

} // namespace hillock::mapping
