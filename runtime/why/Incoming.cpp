//===- runtime/why/Incoming.cpp -------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/why/Incoming.h"
#include <algorithm>

namespace hillock::runtime {

const Incoming::Senders &Incoming::sendersTo(uint32_t core) {
  auto [found, isNew] = known.try_emplace(core);
  Senders &senders = found->second;
  if (!isNew)
    return senders;
  const image::CoreTables &tables = image.cores[core];
  uint32_t atoms = 0;
  for (const image::AxonIn &axon : tables.axonsIn) {
    senders.firstAtom.push_back(atoms);
    atoms += axon.popRows;
  }
  std::vector<std::pair<uint32_t, Sender>> all; // atom, who
  for (uint32_t from = 0; from < image.cores.size(); ++from) {
    const image::CoreTables &other = image.cores[from];
    for (uint32_t c = 0; c < other.compartments; ++c)
      for (uint32_t s = other.outFirst[c]; s < other.outFirst[c + 1]; ++s)
        if (const image::AxonOut &slot = other.axonsOut[s];
            slot.chip == tables.chip && slot.core == tables.core)
          all.push_back(
              {senders.firstAtom[slot.axon] + slot.atom, {false, from, c}});
  }
  const proto::Io &io = image.proto.io();
  for (int p = 0; p < io.input_size(); ++p) {
    const proto::Port &port = io.input(p);
    for (int n = 0; n + 1 < port.first_size(); ++n)
      for (auto i = static_cast<int>(port.first(n));
           i < static_cast<int>(port.first(n + 1)); ++i)
        if (port.core(i) == core)
          all.push_back(
              {senders.firstAtom[port.index(i)] +
                   (i < port.atom_size() ? port.atom(i) : 0),
               {true, static_cast<uint32_t>(p), static_cast<uint32_t>(n)}});
  }
  senders.first.assign(atoms + 1, 0);
  for (const auto &[atom, who] : all)
    ++senders.first[atom + 1];
  for (uint32_t a = 0; a < atoms; ++a)
    senders.first[a + 1] += senders.first[a];
  senders.list.resize(all.size());
  std::vector<uint32_t> next = senders.first;
  for (const auto &[atom, who] : all)
    senders.list[next[atom]++] = who;
  return senders;
}

int32_t Incoming::weightOf(uint32_t core, size_t row, size_t synapse) const {
  const image::CoreTables &tables = image.cores[core];
  const image::SynapseFormat &format = tables.formats[tables.rows.format[row]];
  const int64_t mantissa = tables.rows.mantissa[synapse];
  if (format.exponentOnSum)
    return static_cast<int32_t>(mantissa);
  // A negative exponent drops bits of each weight by itself (nengo-loihi
  // block.py, Synapse.format).
  const int exponent = format.weightExp;
  const int64_t weight = exponent >= 0 ? mantissa << std::min(exponent, 31)
                                       : mantissa >> std::min(-exponent, 31);
  const int base =
      image.target.proto().synapse_packing().weight_exponent_base();
  return static_cast<int32_t>(
      static_cast<uint32_t>(static_cast<int32_t>(weight)) << base);
}

std::vector<Synapse> Incoming::of(uint32_t core, uint32_t compartment) {
  const image::CoreTables &tables = image.cores[core];
  const Senders &senders = sendersTo(core);
  const image::SynapseRows &rows = tables.rows;
  std::vector<Synapse> list;
  for (size_t a = 0; a < tables.axonsIn.size(); ++a) {
    const image::AxonIn &axon = tables.axonsIn[a];
    if (compartment < axon.cxBase)
      continue;
    const uint32_t target = compartment - axon.cxBase;
    for (uint32_t atom = 0; atom < axon.popRows; ++atom) {
      const uint32_t at = senders.firstAtom[a] + atom;
      if (senders.first[at] == senders.first[at + 1])
        continue;
      const size_t row = size_t(axon.firstRow) + atom;
      for (uint32_t s = rows.first[row]; s < rows.first[row + 1]; ++s)
        if (rows.target[s] == target)
          for (uint32_t k = senders.first[at]; k < senders.first[at + 1]; ++k)
            list.push_back(
                {senders.list[k], weightOf(core, row, s), rows.delayOf(s)});
    }
  }
  std::stable_sort(
      list.begin(), list.end(),
      [](const Synapse &a, const Synapse &b) { return a.from < b.from; });
  return list;
}

} // namespace hillock::runtime
