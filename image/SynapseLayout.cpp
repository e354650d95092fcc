//===- image/SynapseLayout.cpp --------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "image/SynapseLayout.h"
#include "image/Pack.h"
#include <algorithm>
#include <cstdlib>

namespace hillock::image {

uint64_t rowWords(const SynapseFormat &format, uint64_t synapses,
                  const proto::SynapsePacking &packing) {
  const uint64_t header =
      packing.header_format_bits() + packing.header_count_bits();
  const uint64_t entry = EntryLayout(format).bits();
  const uint64_t word = packing.word_bits(), most = packing.group_synapses();
  const auto words = [&](uint64_t count) {
    return (header + count * entry + word - 1) / word;
  };
  if (synapses > 0 && synapses <= most)
    return words(synapses); // most rows; with one division only
  const uint64_t rest = synapses % most;
  return synapses / most * words(most) + (rest ? words(rest) : 0);
}

uint64_t rowBits(const SynapseFormat &format, uint64_t synapses,
                 const target::TargetModel &target) {
  const proto::SynapsePacking &packing = target.proto().synapse_packing();
  return rowWords(format, synapses, packing) * packing.word_bits();
}

namespace {

/// The stored form of a mantissa; the mantissa must be legal.
uint64_t weightCodeOf(int mantissa, const SynapseFormat &format) {
  const int kept =
      format.sign == SignMode::Mixed ? mantissa : std::abs(mantissa);
  return static_cast<uint64_t>(kept >> format.shiftBits());
}

int16_t mantissaOf(uint64_t code, const SynapseFormat &format) {
  const int step = 1 << format.shiftBits();
  switch (format.sign) {
  case SignMode::Mixed:
    return static_cast<int16_t>(signExtend(code, format.weightBits) * step);
  case SignMode::Inhibitory:
    return static_cast<int16_t>(-static_cast<int>(code) * step);
  case SignMode::Excitatory:
    break;
  }
  return static_cast<int16_t>(static_cast<int>(code) * step);
}

} // namespace

void encodeRow(BitWriter &out, const SynapseRows &rows, size_t row,
               const SynapseFormat &format, unsigned number,
               const proto::SynapsePacking &packing) {
  const EntryLayout entry(format);
  const uint32_t end = rows.first[row + 1];
  for (uint32_t at = rows.first[row]; at < end;) {
    const uint32_t count = std::min(end - at, packing.group_synapses());
    out.put(number, packing.header_format_bits());
    out.put(count - 1, packing.header_count_bits());
    const uint16_t *const target = rows.target.data() + at;
    const int16_t *const mantissa = rows.mantissa.data() + at;
    const uint8_t *const delay =
        rows.delay.empty() ? nullptr : rows.delay.data() + at;
    out.putEach(count, entry.bits(), [&](uint32_t i) {
      uint64_t bits =
          weightCodeOf(mantissa[i], format) & lowMask(entry.weightBits);
      bits = bits << (entry.tagBits + entry.delayBits) | (delay ? delay[i] : 0);
      return entry.indexBits ? bits << entry.indexBits | target[i] : bits;
    });
    out.align(packing.word_bits());
    at += count;
  }
}

std::string decodeRow(BitReader &in, SynapseRows &rows, uint32_t synapses,
                      const SynapseFormat &format, unsigned number,
                      const proto::SynapsePacking &packing) {
  const EntryLayout entry(format);
  const size_t begin = rows.target.size();
  rows.target.resize(begin + synapses);
  rows.delay.resize(begin + synapses);
  rows.mantissa.resize(begin + synapses);
  uint16_t *const target = rows.target.data() + begin;
  uint8_t *const delay = rows.delay.data() + begin;
  int16_t *const mantissa = rows.mantissa.data() + begin;
  for (uint32_t done = 0; done < synapses;) {
    const uint32_t count = std::min(synapses - done, packing.group_synapses());
    if (in.get(packing.header_format_bits()) != number)
      return "a group of the row has another format than its first";
    if (in.get(packing.header_count_bits()) != count - 1)
      return "a group's count does not agree with the length of the row";
    uint64_t at = in.position;
    for (const uint32_t end = done + count; done < end; ++done) {
      uint64_t bits = in.at(at, entry.bits());
      at += entry.bits();
      target[done] = static_cast<uint16_t>(
          entry.indexBits ? bits & lowMask(entry.indexBits) : done);
      bits >>= entry.indexBits;
      delay[done] = static_cast<uint8_t>(bits & lowMask(entry.delayBits));
      bits >>= entry.delayBits;
      if ((bits & lowMask(entry.tagBits)) != 0)
        return "a synapse has a tag, which only learning uses";
      bits >>= entry.tagBits;
      mantissa[done] = mantissaOf(bits, format);
    }
    in.position = at;
    if (!in.align(packing.word_bits()))
      return "bits behind a group are set";
  }
  return {};
}

} // namespace hillock::image
