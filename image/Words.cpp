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

std::string describeField(const FieldSpan &field) {
  return "field '" + field.name + "' holds " + std::to_string(field.bits) +
         (field.bits == 1 ? " bit, " : " bits, ") + std::to_string(field.min) +
         ".." + std::to_string(field.max);
}

void BitWriter::flush(uint64_t value, unsigned bits) {
  const unsigned step = 64 - fill; // of the value's bits go into this word
  pending |= value << fill;
  char word[8];
  for (unsigned i = 0; i < 8; ++i)
    word[i] = static_cast<char>(pending >> (8 * i));
  bytes.append(word, sizeof word);
  pending = step < 64 ? value >> step : 0;
  fill = bits - step;
}

void BitWriter::align(unsigned bits) {
  const unsigned over = static_cast<unsigned>(size() % bits);
  if (over != 0)
    put(0, bits - over);
}

std::string BitWriter::take() {
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
