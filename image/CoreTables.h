//===- image/CoreTables.h - What a core's words mean ------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The logical content of one core's memories. pack() writes it into words in
// the formats of the target, unpack() reads words back. The compiler fills
// these tables, the emulator runs them, the checker compares them; nothing
// else knows how a word is laid out.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_IMAGE_CORETABLES_H
#define HILLOCK_IMAGE_CORETABLES_H

#include "base/Error.h"
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace hillock::image {

enum class SignMode : uint8_t { Mixed = 1, Excitatory = 2, Inhibitory = 3 };
enum class Compression : uint8_t { Sparse = 0, Dense = 3 };

/// One entry of the synapse format memory, in real units (bits, not codes).
struct SynapseFormat {
  uint8_t weightBits = 8; ///< 1, 2, 3, 4, 5, 6 or 8, sign included if mixed
  int8_t weightExp = 0;   ///< effective weight = mantissa * 2^(6 + weightExp)
  SignMode sign = SignMode::Mixed;
  Compression compression = Compression::Sparse;
  uint8_t indexBits = 10; ///< sparse only
  uint8_t delayBits = 0;  ///< 0 or the width of the delay field
  uint8_t tagBits = 0;
  /// 0: each synapse is shifted by a negative exponent by itself; 1: the sum
  /// is (the Lava reading; the neuron program does it, from weight_exp).
  bool exponentOnSum = false;
  auto operator<=>(const SynapseFormat &) const = default;

  /// Mantissas are multiples of this power of two: what does not fit into the
  /// field is dropped from below (8 - bits, and one more for a mixed sign).
  int shiftBits() const {
    return 8 - weightBits + (sign == SignMode::Mixed ? 1 : 0);
  }
  int minMantissa() const;
  int maxMantissa() const;
};

/// Rows of synapses in one flat array. Row r: synapses first[r]..first[r+1]-1,
/// all in format[r]. Targets are relative to the axon's cxBase and strictly
/// follow each other from 0 in a dense row.
struct SynapseRows {
  std::vector<uint32_t> first = {0};
  std::vector<uint8_t> format; ///< index into CoreTables::formats
  std::vector<uint16_t> target;
  std::vector<int16_t> mantissa;
  std::vector<uint8_t> delay; ///< empty when no synapse has one

  size_t rows() const { return format.size(); }
  size_t synapses() const { return target.size(); }
  uint8_t delayOf(size_t synapse) const {
    return delay.empty() ? 0 : delay[synapse];
  }
  /// What there is to know of a row as a whole.
  struct Summary {
    bool fits = true; ///< all synapses into the row's format
    uint32_t lastTarget = 0, longestDelay = 0;
  };
  Summary summary(size_t row, const SynapseFormat &rowFormat) const;
  bool operator==(const SynapseRows &) const = default;
};

enum class AxonType : uint8_t { Discrete = 0, Pop16 = 1, Pop32 = 2 };

/// An entry of the synapse map. Atom k of a population axon uses row
/// firstRow + k; popRows is 1 for a discrete axon. All rows of a population
/// have equal length and format. Several axons may name the same rows.
struct AxonIn {
  AxonType type = AxonType::Discrete;
  uint32_t firstRow = 0;
  uint16_t popRows = 1;
  uint16_t cxBase = 0;
  bool operator==(const AxonIn &) const = default;
};

/// An output slot: where a spike of the compartment is sent.
struct AxonOut {
  AxonType type = AxonType::Discrete;
  uint32_t chip = 0;
  uint32_t core = 0; ///< within the chip
  uint16_t axon = 0;
  uint16_t atom = 0;
  auto operator<=>(const AxonOut &) const = default;
};

/// A profile or a register word: values by field name.
using FieldValues = std::map<std::string, int64_t>;

struct CoreTables {
  uint32_t chip = 0;
  uint32_t core = 0;
  uint32_t program = 0;
  uint32_t compartments = 0;
  std::vector<SynapseFormat> formats; ///< without the reserved entry
  SynapseRows rows;
  std::vector<AxonIn> axonsIn;
  /// Slots of compartment c: axonsOut[outFirst[c]] ..
  /// axonsOut[outFirst[c+1]-1].
  std::vector<uint32_t> outFirst = {0};
  std::vector<AxonOut> axonsOut;
  std::vector<FieldValues> compartmentProfiles; ///< decay_u, decay_v, ...
  std::vector<FieldValues> thresholdProfiles;   ///< vth
  std::vector<uint8_t> profileOf;               ///< by compartment
  std::vector<uint8_t> thresholdOf;             ///< by compartment
  /// Fields of the compartment's own word (bias_mant, bias_exp), by field
  /// name, then by compartment. Absent: all zero.
  std::map<std::string, std::vector<int32_t>> compartmentFields;
  /// Initial state by name (u, v), then by compartment. Absent: all zero.
  std::map<std::string, std::vector<int32_t>> initialState;
  FieldValues config; ///< fields of the core's configuration word
  bool operator==(const CoreTables &) const = default;
};

} // namespace hillock::image

#endif // HILLOCK_IMAGE_CORETABLES_H
