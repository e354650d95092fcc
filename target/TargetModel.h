//===- target/TargetModel.h - Questions to a target description -*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TARGET_TARGETMODEL_H
#define HILLOCK_TARGET_TARGETMODEL_H

#include "base/Error.h"
#include "proto/target.pb.h"
#include <optional>
#include <string>
#include <vector>

namespace hillock::target {

/// A validated target description. Cheap to copy.
class TargetModel {
public:
  TargetModel() = default;
  /// Validates: every memory that the roles need is there once, widths add up,
  /// the mesh is not empty, names are unique, costs have sources.
  static Expected<TargetModel> create(proto::Target target, std::string where);

  const proto::Target &proto() const { return target; }
  const std::string &name() const { return target.name(); }

  /// Null when the chip has no such memory.
  const proto::Memory *memory(proto::Role role) const;
  /// Words of the memory that can be used (a reserved first entry is not).
  uint32_t capacity(proto::Role role) const;
  const proto::Field *field(proto::Role role, std::string_view name) const;

  uint32_t coresPerChip() const;
  uint32_t maxChips() const;
  struct Place {
    uint32_t chipX, chipY, tileX, tileY, coreInTile;
  };
  /// Tile t of a chip is at x = t / tiles_y, y = t mod tiles_y; core id =
  /// tile * cores_per_tile + core in tile; chip id = chipY * max_chips_x +
  /// chipX.
  Place place(uint32_t chip, uint32_t core) const;

  /// Register code of a real width; nullopt when the chip has no such format.
  std::optional<uint32_t> weightCode(uint32_t bits) const;
  std::optional<uint32_t> indexCode(uint32_t bits) const;
  /// The narrowest index format that holds \p target; nullopt when none does.
  std::optional<uint32_t> indexBitsFor(uint32_t target) const;

  /// Largest usable synaptic delay with \p compartments on a core, and the
  /// delay_bits that give it.
  uint32_t maxDelay(uint32_t compartments) const;
  /// Smallest delay_bits that allow \p delay; nullopt when none does.
  std::optional<uint32_t> delayBitsFor(uint32_t delay,
                                       uint32_t compartments) const;

  /// 64-bit hash of the serialized description.
  uint64_t hash() const;

private:
  proto::Target target;
};

/// Parses text; unknown or misspelt fields end in an error with line, column
/// and the nearest known name.
Expected<TargetModel> parseTarget(std::string_view text, std::string where);

/// A name of a built-in target ("loihi") or a path of a .textproto file.
Expected<TargetModel> findTarget(const std::string &nameOrPath);
std::vector<std::string> builtinTargets();
/// The text of a built-in target, as it stands in backends/targets.
std::optional<std::string> builtinTargetText(const std::string &name);

/// Every field of the description with its meaning and, for a given target,
/// its value and source: `hillock targets --explain`.
std::string explain(const TargetModel &target);
/// A letter map of one chip, used by docs and inspect.
std::string letterMap(const TargetModel &target);

} // namespace hillock::target

#endif // HILLOCK_TARGET_TARGETMODEL_H
