//===- base/hdf5/Source.cpp -----------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/hdf5/Source.h"
#include "base/Describe.h"
#include <algorithm>

namespace hillock::hdf5 {

uint64_t saturatingMultiply(uint64_t a, uint64_t b) {
  uint64_t product;
  return __builtin_mul_overflow(a, b, &product) ? ~uint64_t{0} : product;
}

std::string_view Cursor::take(uint64_t size) {
  if (size > bytes.size()) {
    isShort = true;
    bytes = {};
    return {};
  }
  std::string_view front = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return front;
}

uint64_t Cursor::number(size_t width) {
  std::string_view digits = take(width);
  uint64_t value = 0;
  for (size_t i = 0; i < digits.size() && i < 8; ++i)
    value |= uint64_t{static_cast<uint8_t>(digits[i])} << (8 * i);
  return value;
}

uint64_t Cursor::address() {
  uint64_t value = number(addressBytes);
  uint64_t ones = noAddress >> (64 - 8 * addressBytes);
  return failed() || value == ones ? noAddress : value;
}

std::string_view Cursor::text() {
  size_t length = bytes.find('\0');
  if (length == std::string_view::npos) {
    take(bytes.size() + uint64_t{1});
    return {};
  }
  std::string_view result = take(length);
  skip(1);
  return result;
}

Error cutShort(const std::string &what) {
  return inputError(what + " is cut short");
}

/// How often a byte may be looked at. A sound file needs about four times, for
/// headers of objects that are listed, then opened.
static constexpr uint64_t workPerByte = 64;

static constexpr std::string_view signature("\x89HDF\r\n\x1a\n", 8);

Expected<Source> Source::open(std::string_view bytes) {
  // Before the superblock there may be a user block of 512 bytes or a larger
  // power of two (II.A).
  uint64_t found = 0;
  while (found < bytes.size() &&
         bytes.substr(found, signature.size()) != signature)
    found = found == 0 ? 512 : 2 * found;
  if (found >= bytes.size())
    return inputError("not an HDF5 file");
  Source source;
  source.bytes = bytes.substr(found);
  source.workLeft = saturatingMultiply(bytes.size(), workPerByte) + (1 << 20);
  Cursor version(source.bytes.substr(signature.size()), 8, 8);
  uint64_t number = version.number(1);
  if (number > 3)
    return inputError("its superblock has the unknown version " +
                      std::to_string(number));
  if (Error error =
          number < 2 ? source.readOldSuperblock() : source.readNewSuperblock())
    return error;
  return source;
}

static bool isWidth(uint64_t width) {
  return width == 2 || width == 4 || width == 8;
}

/// Versions 0 and 1.
Error Source::readOldSuperblock() {
  Cursor start(bytes.substr(signature.size()), 8, 8);
  uint64_t version = start.number(1);
  start.skip(4); // Versions of parts, reserved.
  widthOfAddress = start.number(1);
  widthOfLength = start.number(1);
  if (start.failed())
    return cutShort("its superblock");
  if (!isWidth(widthOfAddress) || !isWidth(widthOfLength))
    return inputError("its superblock gives widths of numbers that are not "
                      "2, 4 or 8 bytes");
  Cursor rest = cursor(start.rest());
  rest.skip(1 + 2 + 2 + 4 + (version == 1 ? 4 : 0));
  uint64_t base = rest.address();
  rest.address(); // Of the free space.
  uint64_t end = rest.address();
  rest.address(); // Of the driver information.
  // The root group's symbol table entry (III.C).
  rest.address(); // Of its name.
  rootAddress = rest.address();
  if (rest.failed())
    return cutShort("its superblock");
  return checkEnd(end, base);
}

/// Versions 2 and 3.
Error Source::readNewSuperblock() {
  Cursor start(bytes.substr(signature.size()), 8, 8);
  start.skip(1);
  widthOfAddress = start.number(1);
  widthOfLength = start.number(1);
  if (start.failed())
    return cutShort("its superblock");
  if (!isWidth(widthOfAddress) || !isWidth(widthOfLength))
    return inputError("its superblock gives widths of numbers that are not "
                      "2, 4 or 8 bytes");
  Cursor rest = cursor(start.rest());
  rest.skip(1); // Flags.
  uint64_t base = rest.address();
  rest.address(); // Of the extension.
  uint64_t end = rest.address();
  rootAddress = rest.address();
  size_t used = bytes.size() - rest.left();
  rest.skip(4);
  if (rest.failed())
    return cutShort("its superblock");
  if (!hasGoodChecksum(bytes.substr(0, used + 4)))
    return inputError("the checksum of its superblock is wrong");
  return checkEnd(end, base);
}

/// \p stored counts from the start of a file whose superblock was at \p base.
Error Source::checkEnd(uint64_t stored, uint64_t base) {
  uint64_t end = base == noAddress || stored < base ? stored : stored - base;
  if (end > bytes.size())
    return inputError(
        "the HDF5 file is cut short: it has " + describeBytes(bytes.size()) +
        " of " + (end == noAddress ? "an unknown number" : describeBytes(end)));
  return Error::success();
}

Error Source::charge(uint64_t bytesOfWork) const {
  if (bytesOfWork > workLeft)
    return inputError("its parts refer to each other far more often than those "
                      "of a sound file");
  workLeft -= bytesOfWork;
  return Error::success();
}

Expected<std::string_view> Source::at(uint64_t address, uint64_t size,
                                      const std::string &what) const {
  if (address > bytes.size() || size > bytes.size() - address)
    return inputError(what + " lies outside of the file");
  if (Error error = charge(size))
    return error;
  return bytes.substr(address, size);
}

Expected<Cursor> Source::block(uint64_t address, uint64_t size,
                               const char *letters,
                               const std::string &what) const {
  auto part = at(address, size, what);
  if (!part)
    return part.takeError();
  if (part->substr(0, 4) != letters)
    return inputError(what + " has no signature");
  return cursor(part->substr(4));
}

Expected<Cursor> Source::checkedBlock(uint64_t address, uint64_t size,
                                      const char *letters,
                                      const std::string &what) const {
  if (size < 8)
    return cutShort(what);
  auto whole = block(address, size, letters, what);
  if (!whole)
    return whole.takeError();
  if (!hasGoodChecksum(bytes.substr(address, size)))
    return inputError("the checksum of " + what + " is wrong");
  return cursor(whole->rest().substr(0, size - 8));
}

std::string_view Source::upTo(uint64_t address, uint64_t size) const {
  if (address > bytes.size())
    return {};
  size = std::min({size, bytes.size() - address, workLeft});
  workLeft -= size;
  return bytes.substr(address, size);
}

} // namespace hillock::hdf5
