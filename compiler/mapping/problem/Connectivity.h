//===- compiler/mapping/problem/Connectivity.h - Chains of stages -*- C++ -*-=//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A projection as a chain of integer linear stages from the source population
// to the target population. The chain is never expanded: a unit spike of one
// source neuron is pushed through it. Shapes are channels first, elements are
// numbered in C order. At most one stage of a chain has weights; a chain
// without weights has mantissas of 1.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_PROBLEM_CONNECTIVITY_H
#define HILLOCK_COMPILER_MAPPING_PROBLEM_CONNECTIVITY_H

#include "base/Error.h"
#include "compiler/mapping/problem/Network.h"
#include <memory>
#include <optional>
#include <variant>
#include <vector>

namespace hillock::mapping {

using Weights = std::shared_ptr<const std::vector<int16_t>>;

/// What a spike has become between two stages.
struct Hit {
  uint32_t index = 0;
  int16_t mantissa = 1;
  uint8_t delay = 0; ///< of the synapse, on top of the projection's own
};

/// All to all.
struct DenseStage {
  uint32_t inputCount = 0, outputCount = 0;
  std::vector<int16_t> columns; ///< in x out: what one input sends is together

  /// \p weights: out x in, row-major.
  DenseStage(uint32_t inputs, uint32_t outputs, const Weights &weights);
  uint32_t inputs() const { return inputCount; }
  uint32_t outputs() const { return outputCount; }
  std::string problem() const; ///< "" when well formed
  void push(Hit hit, std::vector<Hit> &hits) const;
};

/// One axis of a sliding window.
struct WindowAxis {
  uint32_t size = 1, kernel = 1, stride = 1;
  uint32_t padBegin = 0, padEnd = 0, dilation = 1;

  /// Positions of the window; 0 when it does not fit or is malformed.
  uint32_t outputs() const;
  /// The output position to which \p input contributes by tap \p tap;
  /// negative when there is none.
  int64_t outputAt(uint32_t input, uint32_t tap) const;
};

/// PyTorch's convolution (cross-correlation) on C x H x W; for C x L leave the
/// y axis as it is.
struct ConvStage {
  uint32_t inChannels = 1, outChannels = 1, groups = 1;
  WindowAxis y, x;
  Weights weights; ///< outChannels x inChannels/groups x y.kernel x x.kernel

  uint32_t inputs() const { return inChannels * y.size * x.size; }
  uint32_t outputs() const { return outChannels * y.outputs() * x.outputs(); }
  std::string problem() const;
  void push(Hit hit, std::vector<Hit> &hits) const;
};

/// Sums over windows of each channel; an average is a sum with other weights.
struct PoolStage {
  uint32_t channels = 1;
  WindowAxis y, x;

  uint32_t inputs() const { return channels * y.size * x.size; }
  uint32_t outputs() const { return channels * y.outputs() * x.outputs(); }
  std::string problem() const;
  void push(Hit hit, std::vector<Hit> &hits) const;
};

/// Element by element: one weight for all, one a channel (C outermost) or one
/// an element.
struct ElementwiseStage {
  uint32_t count = 0;
  Weights weights;

  uint32_t inputs() const { return count; }
  uint32_t outputs() const { return count; }
  std::string problem() const;
  void push(Hit hit, std::vector<Hit> &hits) const;
};

/// A new view of the same elements (flatten).
struct ReshapeStage {
  uint32_t count = 0;

  uint32_t inputs() const { return count; }
  uint32_t outputs() const { return count; }
  std::string problem() const { return {}; }
  void push(Hit hit, std::vector<Hit> &hits) const { hits.push_back(hit); }
};

/// A list of synapses.
struct SparseStage {
  struct Entry {
    uint32_t source = 0, target = 0;
    int16_t mantissa = 0;
    uint8_t delay = 0;
  };
  uint32_t inputCount = 0, outputCount = 0;
  std::vector<Entry> entries;  ///< by source, then target
  std::vector<uint32_t> first; ///< entries of source s: first[s]..first[s+1]-1

  SparseStage(uint32_t inputs, uint32_t outputs, std::vector<Entry> entries);
  uint32_t inputs() const { return inputCount; }
  uint32_t outputs() const { return outputCount; }
  std::string problem() const;
  void push(Hit hit, std::vector<Hit> &hits) const;
};

using Stage = std::variant<DenseStage, ConvStage, PoolStage, ElementwiseStage,
                           ReshapeStage, SparseStage>;

class ChainConnectivity : public Connectivity {
public:
  /// \p delays: none, one for all source neurons, or one each; added to the
  /// delays of sparse synapses, at most 255 together. Errors (Internal) name
  /// \p where: sizes that do not follow each other, two weighted stages,
  /// buffers of a wrong length.
  static Expected<std::shared_ptr<const ChainConnectivity>>
  create(std::vector<Stage> stages, std::vector<uint8_t> delays = {},
         const std::string &where = {});

  void append(uint32_t source, std::vector<Synapse> &synapses) const override;

  uint32_t inputs() const { return inputCount; }
  uint32_t outputs() const { return outputCount; }
  const std::vector<Stage> &stageList() const { return stages; }
  /// What a spike of \p source has become behind all stages but the last.
  void beforeLast(uint32_t source, std::vector<Hit> &hits) const;
  /// One delay for all source neurons; nothing when they differ.
  std::optional<uint8_t> uniformDelay() const;
  /// True when a neuron only reaches a neighbourhood (windows and elements,
  /// nothing all to all): then channels of one pixel travel as one population.
  bool isLocal() const { return local; }

private:
  ChainConnectivity() = default;
  void pushThrough(size_t count, uint32_t source, std::vector<Hit> &hits) const;

  std::vector<Stage> stages;
  std::vector<uint8_t> delays;
  uint32_t inputCount = 0, outputCount = 0;
  bool local = false;
};

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_PROBLEM_CONNECTIVITY_H
