//===- compiler/mapping/problem/Geometry.h - Neurons in space ---*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_COMPILER_MAPPING_PROBLEM_GEOMETRY_H
#define HILLOCK_COMPILER_MAPPING_PROBLEM_GEOMETRY_H

#include "compiler/mapping/problem/Network.h"

namespace hillock::mapping {

/// A population as channels x height x width; a list of neurons is a list of
/// channels of one pixel. Neuron n, in C order, is channel n / pixels().
struct Extent {
  uint32_t channels = 1, height = 1, width = 1;
  uint32_t pixels() const { return height * width; }
  uint32_t size() const { return channels * pixels(); }
  bool operator==(const Extent &) const = default;
};

/// Rank 1: channels; rank 2: C x L; rank 3 and more: C x H.. x W.
inline Extent extentOf(const Population &population) {
  Extent extent;
  const auto &shape = population.shape;
  if (!shape.empty())
    extent.channels = static_cast<uint32_t>(shape[0]);
  if (shape.size() >= 2)
    extent.width = static_cast<uint32_t>(shape.back());
  for (size_t axis = 1; axis + 1 < shape.size(); ++axis)
    extent.height *= static_cast<uint32_t>(shape[axis]);
  return extent;
}

/// How the spikes of a source population are told apart at an input axon.
/// Discrete: every neuron has axons of its own. Otherwise neurons of one pixel
/// whose channels fall into the same block of atoms() share axons, and the
/// message carries the atom. Numbers of groups go from pixel to pixel, and in
/// a pixel from block to block.
struct Grouping {
  image::AxonType type = image::AxonType::Discrete;
  Extent extent;
  uint32_t block = 1; ///< atoms of a full group

  uint32_t blocksOfPixel() const {
    return (extent.channels + block - 1) / block;
  }
  uint32_t groups() const { return extent.pixels() * blocksOfPixel(); }
  uint32_t groupOf(uint32_t neuron) const {
    return neuron % extent.pixels() * blocksOfPixel() +
           neuron / extent.pixels() / block;
  }
  uint32_t atomOf(uint32_t neuron) const {
    if (block == 1)
      return 0; // divisions take a while for millions of neurons
    return neuron / extent.pixels() % block;
  }
  uint32_t atomsOf(uint32_t group) const {
    if (block == 1)
      return 1;
    const uint32_t first = group % blocksOfPixel() * block;
    return first + block <= extent.channels ? block : extent.channels - first;
  }
  uint32_t neuron(uint32_t group, uint32_t atom) const {
    if (extent.channels == 1)
      return group;
    const uint32_t channel = group % blocksOfPixel() * block + atom;
    return channel * extent.pixels() + group / blocksOfPixel();
  }
  bool operator==(const Grouping &) const = default;
};

} // namespace hillock::mapping

#endif // HILLOCK_COMPILER_MAPPING_PROBLEM_GEOMETRY_H
