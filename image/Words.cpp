//===- image/Words.cpp ----------------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "image/Words.h"
#include <algorithm>
#include <limits>

namespace hillock::image {

WordLayout::WordLayout(const proto::Memory &memory)
    : wordBits(memory.word_bits()) {
  for (const proto::Field &field : memory.field()) {
    FieldSpan span{field.name(),      usedBits, field.bits(),
                   field.is_signed(), 0,        0};
    const unsigned valueBits = span.bits - (span.isSigned ? 1 : 0);
    span.max = static_cast<int64_t>(lowMask(valueBits));
    span.min = span.isSigned ? -span.max - 1 : 0;
    if (field.has_min())
      span.min = field.min();
    if (field.has_max())
      span.max = field.max();
    usedBits += span.bits;
    spans.push_back(std::move(span));
  }
}

int WordLayout::index(std::string_view name) const {
  for (size_t i = 0; i < spans.size(); ++i)
    if (spans[i].name == name)
      return static_cast<int>(i);
  return -1;
}

std::string bytesOfWords(const std::vector<uint64_t> &words,
                         unsigned wordBytes) {
  // Eight bytes are written at once; the next word mends those that are too
  // many.
  std::string bytes(words.size() * wordBytes + 8, '\0');
  char *to = bytes.data();
  for (uint64_t word : words) {
    for (unsigned i = 0; i < 8; ++i) // one store after optimization
      to[i] = static_cast<char>(word >> (8 * i));
    to += wordBytes;
  }
  bytes.resize(words.size() * wordBytes);
  return bytes;
}

std::vector<uint64_t> wordsOfBytes(std::string_view bytes, unsigned wordBytes) {
  std::vector<uint64_t> words(bytes.size() / wordBytes);
  BitReader reader(bytes);
  // A BitReader reads up to 57 bits at once.
  for (size_t w = 0; w < words.size(); ++w) {
    reader.position = uint64_t{w} * wordBytes * 8;
    words[w] = reader.get(std::min(wordBytes, 4u) * 8);
    if (wordBytes > 4)
      words[w] |= reader.get((wordBytes - 4) * 8) << 32;
  }
  return words;
}

std::string describeField(const FieldSpan &field) {
  return "field '" + field.name + "' holds " + std::to_string(field.bits) +
         (field.bits == 1 ? " bit, " : " bits, ") + std::to_string(field.min) +
         ".." + std::to_string(field.max);
}

void BitWriter::flush() {
  std::array<char, sizeof words> out;
  for (size_t i = 0; i < 8 * full; ++i)
    out[i] = static_cast<char>(words[i / 8] >> (8 * (i % 8)));
  bytes.append(out.data(), 8 * full);
  full = 0;
}

void BitWriter::align(unsigned bits) {
  const unsigned over = static_cast<unsigned>(size() % bits);
  if (over != 0)
    put(0, bits - over);
}

std::string BitWriter::take() {
  flush();
  for (; fill >= 8; fill -= 8, pending >>= 8)
    bytes.push_back(static_cast<char>(pending));
  std::string result = std::move(bytes);
  *this = BitWriter();
  return result;
}

bool BitReader::align(unsigned bits) {
  bool clean = true;
  while (position % bits != 0) {
    const unsigned step =
        static_cast<unsigned>(std::min<uint64_t>(bits - position % bits, 57));
    clean &= get(step) == 0;
  }
  return clean;
}

} // namespace hillock::image
