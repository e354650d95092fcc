//===- base/hdf5/Types.cpp ------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/hdf5/Types.h"

namespace hillock::hdf5 {

Expected<Dataspace> parseDataspace(Cursor cursor) {
  constexpr uint64_t largestRank = 32, nullSpace = 2;
  Dataspace space;
  uint64_t version = cursor.number(1), rank = cursor.number(1);
  uint64_t flags = cursor.number(1);
  if (cursor.failed())
    return cutShort("its shape");
  if (version < 1 || version > 2)
    return inputError("its shape has the unknown version " +
                      std::to_string(version));
  if (rank > largestRank)
    return inputError("its shape has " + std::to_string(rank) + " axes");
  if (version == 1)
    cursor.skip(5);
  else
    space.isNull = cursor.number(1) == nullSpace;
  for (uint64_t i = 0; i < rank; ++i) {
    space.dims.push_back(cursor.length());
    space.count = saturatingMultiply(space.count, space.dims.back());
  }
  space.maxDims = space.dims;
  for (uint64_t i = 0; i < rank && (flags & 1); ++i)
    space.maxDims[i] = cursor.length();
  if (cursor.failed())
    return cutShort("its shape");
  // 0 * "more than 2^64" is 0.
  for (uint64_t dim : space.dims)
    if (dim == 0)
      space.count = 0;
  if (space.isNull)
    space.count = 0;
  return space;
}

const char *describe(TypeClass kind) {
  switch (kind) {
  case TypeClass::Integer:
  case TypeClass::Float:
    return "numbers";
  case TypeClass::Text:
    return "text";
  case TypeClass::Enumeration:
    return "enumerated values";
  case TypeClass::Compound:
    return "compound values";
  case TypeClass::List:
    return "lists of different lengths";
  case TypeClass::Reference:
    return "references";
  case TypeClass::Other:
    break;
  }
  return "values of an unknown kind";
}

namespace {

// IV.A.2.d, "Datatype classes".
enum FileClass : uint64_t {
  FixedPoint = 0,
  FloatingPoint = 1,
  String = 3,
  CompoundType = 6,
  ReferenceType = 7,
  Enumerated = 8,
  VariableLength = 9,
};

constexpr uint64_t widestNumber = 8; // Bytes.

Error damagedType(const char *what) {
  return inputError(std::string("its type is damaged: ") + what);
}

Error parseInteger(Cursor &cursor, uint64_t bits, Datatype &type) {
  type.isBigEndian = bits & 1;
  type.isSigned = bits & 8;
  type.bitOffset = static_cast<uint32_t>(cursor.number(2));
  type.precision = static_cast<uint32_t>(cursor.number(2));
  if (cursor.failed())
    return cutShort("its type");
  if (type.precision == 0 || type.bitOffset + type.precision > 8 * type.bytes)
    return damagedType("the bits of its integers");
  type.kind =
      type.bytes <= widestNumber ? TypeClass::Integer : TypeClass::Other;
  return Error::success();
}

Error parseFloat(Cursor &cursor, uint64_t bits, Datatype &type) {
  constexpr uint64_t vaxOrder = 0x40, allExplicit = 1, firstImplied = 2;
  uint64_t normalization = bits >> 4 & 3;
  auto number = [&](size_t width) {
    return static_cast<uint32_t>(cursor.number(width));
  };
  type.isBigEndian = bits & 1;
  type.signAt = static_cast<uint32_t>(bits >> 8 & 0xff);
  type.bitOffset = number(2);
  type.precision = number(2);
  type.exponentAt = number(1);
  type.exponentBits = number(1);
  type.mantissaAt = number(1);
  type.mantissaBits = number(1);
  type.bias = number(4);
  type.hasImpliedBit = normalization == firstImplied;
  if (cursor.failed())
    return cutShort("its type");
  uint64_t most = 8 * type.bytes;
  if (type.bitOffset + type.precision > most || type.signAt >= most ||
      type.exponentAt + type.exponentBits > most ||
      type.mantissaAt + type.mantissaBits > most || type.exponentBits == 0 ||
      type.mantissaBits == 0)
    return damagedType("the bits of its floats");
  bool known = type.bytes <= widestNumber && type.exponentBits <= 16 &&
               !(bits & vaxOrder) &&
               (normalization == firstImplied || normalization == allExplicit);
  type.kind = known ? TypeClass::Float : TypeClass::Other;
  return Error::success();
}

/// The names and values are not needed, but must be there.
Error parseEnumeration(Cursor &cursor, uint64_t bits, uint64_t version,
                       Datatype &type) {
  uint64_t bytes = type.bytes, members = bits & 0xffff;
  uint64_t kind = cursor.number(1), baseBits = cursor.number(3);
  type.bytes = cursor.number(4);
  if (cursor.failed() || (kind & 0x0f) != FixedPoint || type.bytes != bytes)
    return inputError("its enumeration is damaged");
  if (Error error = parseInteger(cursor, baseBits, type))
    return error;
  for (uint64_t i = 0; i < members && !cursor.failed(); ++i) {
    uint64_t length = cursor.text().size() + 1;
    cursor.skip(version < 3 ? (8 - length % 8) % 8 : 0);
  }
  cursor.skip(members * bytes);
  if (cursor.failed())
    return inputError("its enumeration is damaged");
  if (type.kind == TypeClass::Integer)
    type.kind = TypeClass::Enumeration;
  return Error::success();
}

void parseText(uint64_t bits, bool isVariable, Datatype &type) {
  constexpr uint64_t spacePadded = 2;
  type.kind = TypeClass::Text;
  type.isVariable = isVariable;
  type.isSpacePadded = !isVariable && (bits & 0x0f) == spacePadded;
}

Error parseProperties(Cursor &cursor, uint64_t kind, uint64_t bits,
                      Datatype &type) {
  switch (kind & 0x0f) {
  case FixedPoint:
    return parseInteger(cursor, bits, type);
  case FloatingPoint:
    return parseFloat(cursor, bits, type);
  case Enumerated:
    return parseEnumeration(cursor, bits, kind >> 4, type);
  case String:
    parseText(bits, false, type);
    break;
  case VariableLength:
    type.kind = TypeClass::List;
    if ((bits & 0x0f) == 1)
      parseText(bits, true, type);
    break;
  case CompoundType:
    type.kind = TypeClass::Compound;
    break;
  case ReferenceType:
    type.kind = TypeClass::Reference;
    break;
  default:
    break; // Times, bit fields, opaque data, arrays.
  }
  return Error::success();
}

} // namespace

Expected<Datatype> parseDatatype(Cursor cursor) {
  uint64_t kind = cursor.number(1), bits = cursor.number(3);
  Datatype type;
  type.bytes = cursor.number(4);
  if (cursor.failed())
    return cutShort("its type");
  if (kind >> 4 < 1 || kind >> 4 > 5)
    return inputError("its type has the unknown version " +
                      std::to_string(kind >> 4));
  if (type.bytes == 0)
    return damagedType("its elements have no size");
  if (Error error = parseProperties(cursor, kind, bits, type))
    return error;
  return type;
}

} // namespace hillock::hdf5
