//===- image/Words.h - Bits, fields and words -------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The lowest layer of the image: fields inside words as a target's Memory
// describes them, and a stream of bits for the synapse memory. Bit 0 is the
// lowest of a word; words are stored little-endian, so bit i of a stream is
// bit i % 8 of byte i / 8.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_IMAGE_WORDS_H
#define HILLOCK_IMAGE_WORDS_H

#include "proto/image.pb.h"
#include "proto/target.pb.h"
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hillock::image {

/// The lowest \p bits (0..64) set.
constexpr uint64_t lowMask(unsigned bits) {
  return bits >= 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1;
}

/// \p value's lowest \p bits (1..64) as a two's complement number.
constexpr int64_t signExtend(uint64_t value, unsigned bits) {
  const unsigned up = 64 - bits;
  return static_cast<int64_t>(value << up) >> up;
}

struct FieldSpan {
  std::string name;
  unsigned offset = 0, bits = 0;
  bool isSigned = false;
  int64_t min = 0, max = 0; ///< legal values, both included
  /// What a field holds that nobody set: 0, or the legal value next to it.
  int64_t standard() const { return min > 0 ? min : max < 0 ? max : 0; }
};

/// One field of a layout, in few bytes: for loops over millions of words, in
/// which names, and words about what is wrong, only take time.
class WordField {
public:
  explicit WordField(const FieldSpan &span)
      : mask(lowMask(span.bits)), offset(span.offset), bits(span.bits),
        isSigned(span.isSigned), min(span.min), max(span.max) {}
  bool fits(int64_t value) const { return value >= min && value <= max; }
  /// False, and \p word is of no use, when \p value does not fit.
  bool put(uint64_t &word, int64_t value) const {
    word = (word & ~(mask << offset)) | (static_cast<uint64_t>(value) & mask)
                                            << offset;
    return fits(value);
  }
  int64_t get(uint64_t word) const {
    const uint64_t raw = word >> offset;
    return isSigned ? signExtend(raw, bits) : static_cast<int64_t>(raw & mask);
  }

private:
  uint64_t mask;
  unsigned offset, bits;
  bool isSigned;
  int64_t min, max;
};

/// Where the fields of a memory's words lie. The description must have passed
/// TargetModel::create().
class WordLayout {
public:
  explicit WordLayout(const proto::Memory &memory);

  const std::vector<FieldSpan> &fields() const { return spans; }
  int index(std::string_view name) const; ///< -1 when absent
  /// A field that TargetModel::create() demands.
  WordField field(std::string_view name) const {
    return WordField(spans[static_cast<size_t>(index(name))]);
  }
  unsigned wordBytes() const { return (wordBits + 7) / 8; }

  bool fits(int field, int64_t value) const {
    return value >= spans[field].min && value <= spans[field].max;
  }
  /// \p value must fit.
  void put(uint64_t &word, int field, int64_t value) const {
    const FieldSpan &span = spans[field];
    const uint64_t mask = lowMask(span.bits) << span.offset;
    word =
        (word & ~mask) | ((static_cast<uint64_t>(value) << span.offset) & mask);
  }
  int64_t get(uint64_t word, int field) const {
    const FieldSpan &span = spans[field];
    const uint64_t raw = word >> span.offset;
    return span.isSigned ? signExtend(raw, span.bits)
                         : static_cast<int64_t>(raw & lowMask(span.bits));
  }
  /// Bits that belong to no field; they are zero in every legal word.
  uint64_t unused() const { return ~lowMask(usedBits); }

private:
  std::vector<FieldSpan> spans;
  unsigned wordBits = 0, usedBits = 0;
};

/// \p words as bytes, \p wordBytes (1..8) each.
std::string bytesOfWords(const std::vector<uint64_t> &words,
                         unsigned wordBytes);
/// The inverse; what does not make a whole word is left out.
std::vector<uint64_t> wordsOfBytes(std::string_view bytes, unsigned wordBytes);

/// "field 'vth' holds 17 bits, 0..131071".
std::string describeField(const FieldSpan &field);

/// Appends numbers of up to 64 bits.
class BitWriter {
public:
  void put(uint64_t value, unsigned bits) {
    if (bits > 32) {
      put(value & lowMask(32), 32);
      value >>= 32;
      bits -= 32;
    }
    putEach(1, bits, [&](uint32_t) { return value; });
  }
  /// Appends the lowest \p bits, at most 57, of next(0) .. next(count - 1).
  template <typename Next>
  void putEach(uint32_t count, unsigned bits, const Next &next) {
    uint64_t word = pending; // in registers, which put() alone would not be
    unsigned at = fill;
    for (uint32_t i = 0; i < count; ++i) {
      const uint64_t value = next(i) & lowMask(bits);
      word |= value << at;
      if ((at += bits) < 64)
        continue;
      words[full++] = word;
      if (full == words.size())
        flush();
      at -= 64;
      word = value >> (bits - at);
    }
    pending = word;
    fill = at;
  }
  void reserve(uint64_t bits) { bytes.reserve(bits / 8); }
  /// Fills up with zeros to a multiple of \p bits (a multiple of 8).
  void align(unsigned bits);
  uint64_t size() const { // in bits
    return bytes.size() * 8 + full * 64 + fill;
  }
  /// The stream, which must end at a byte.
  std::string take();

private:
  void flush();

  std::string bytes;
  std::array<uint64_t, 8> words; ///< behind the bytes, \c full of them
  size_t full = 0;
  uint64_t pending = 0;
  unsigned fill = 0; ///< bits in pending, below 64
};

/// Reads numbers of up to 57 bits at any position of a stream.
class BitReader {
public:
  explicit BitReader(std::string_view bytes) : bytes(bytes) {}

  uint64_t size() const { return uint64_t{bytes.size()} * 8; } ///< in bits
  uint64_t position = 0;                                       ///< in bits

  /// Bits behind the end read as zero.
  uint64_t get(unsigned bits) {
    position += bits;
    return at(position - bits, bits);
  }
  /// The same at bit \p start, without going there.
  uint64_t at(uint64_t start, unsigned bits) const {
    const size_t first = start / 8;
    const unsigned shift = start % 8;
    uint64_t raw = 0;
    if (first + 8 <= bytes.size())
      for (size_t i = 0; i < 8; ++i) // one load after optimization
        raw |= byteAt(first + i) << (8 * i);
    else
      for (size_t i = first; i < bytes.size(); ++i)
        raw |= byteAt(i) << (8 * (i - first));
    return (raw >> shift) & lowMask(bits);
  }
  /// Skips to a multiple of \p bits; false when a skipped bit is set.
  bool align(unsigned bits);

private:
  uint64_t byteAt(size_t i) const {
    return static_cast<unsigned char>(bytes[i]);
  }
  std::string_view bytes;
};

} // namespace hillock::image

#endif // HILLOCK_IMAGE_WORDS_H
