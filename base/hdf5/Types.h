//===- base/hdf5/Types.h - Types and shapes of data -------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// "The Dataspace Message" (IV.A.2.b) and "The Datatype Message" (IV.A.2.d), and
// the conversion of elements to the numbers of this machine.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_HDF5_TYPES_H
#define HILLOCK_BASE_HDF5_TYPES_H

#include "base/hdf5/Source.h"
#include <vector>

namespace hillock::hdf5 {

struct Dataspace {
  bool isNull = false;
  std::vector<uint64_t> dims;    ///< Empty for a scalar.
  std::vector<uint64_t> maxDims; ///< Of the same rank; ~0 is unlimited.
  uint64_t count = 1;            ///< Saturates; 0 when null.
};

/// What the message says. Does not look at the file but for its widths.
Expected<Dataspace> parseDataspace(Cursor cursor);

enum class TypeClass : uint8_t {
  Integer,
  Float,
  Text,
  Enumeration, ///< Of integers; h5py's booleans are some.
  Compound,
  List,
  Reference,
  Other, ///< Also numbers that are wider than 8 bytes.
};

/// The words for an error ("compound values").
const char *describe(TypeClass kind);

struct Datatype {
  TypeClass kind = TypeClass::Other;
  uint64_t bytes = 0; ///< Of an element in the file, at least 1.
  // Numbers; of enumerations, what they stand for.
  bool isBigEndian = false, isSigned = false;
  uint32_t bitOffset = 0, precision = 0;
  // Floats: positions and widths in bits.
  uint32_t signAt = 0, exponentAt = 0, exponentBits = 0;
  uint32_t mantissaAt = 0, mantissaBits = 0, bias = 0;
  bool hasImpliedBit = true;
  // Text.
  bool isVariable = false;    ///< Elements refer to the global heap.
  bool isSpacePadded = false; ///< Else up to the first '\0'.

  bool isNumeric() const {
    return kind == TypeClass::Integer || kind == TypeClass::Float ||
           kind == TypeClass::Enumeration;
  }
};

Expected<Datatype> parseDatatype(Cursor cursor);

/// Elements as they lie in the file, in C order.
struct Values {
  Datatype type;
  Dataspace space;
  std::string bytes; ///< space.count * type.bytes
};

/// \p values must be numeric. Floats that no double holds are rounded.
std::vector<double> toDoubles(const Values &values);
std::vector<float> toFloats(const Values &values);
/// \p values must be integers or an enumeration; what exceeds int64 becomes its
/// largest value.
std::vector<int64_t> toIntegers(const Values &values);

} // namespace hillock::hdf5

#endif // HILLOCK_BASE_HDF5_TYPES_H
