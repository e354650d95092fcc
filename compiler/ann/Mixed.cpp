//===- compiler/ann/Mixed.cpp - Bits where they are needed ----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "compiler/ann/Mixed.h"
#include "base/Describe.h"

namespace hillock::ann {

/// The layer whose next step down costs least error a byte; rows.size(): none.
static size_t cheapestStep(const std::vector<Mixture::Row> &rows) {
  size_t best = rows.size();
  double least = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Mixture::Row &row = rows[i];
    if (row.chosen + 1 >= row.costs.size())
      continue;
    const FormatCost &now = row.costs[row.chosen];
    const FormatCost &next = row.costs[row.chosen + 1];
    if (next.bytes >= now.bytes)
      continue;
    const double price =
        (next.error - now.error) / static_cast<double>(now.bytes - next.bytes);
    if (best == rows.size() || price < least) {
      best = i;
      least = price;
    }
  }
  return best;
}

Expected<Mixture> chooseFormats(const Network &network,
                                const std::vector<std::vector<float>> &samples,
                                const CalibrationOptions &options,
                                uint64_t budget, const std::string &where) {
  Mixture mixture;
  for (const unsigned bits : {8u, 4u, 2u}) {
    CalibrationOptions trial = options;
    trial.learnRounding = false;
    trial.weights.code = Code::Linear;
    trial.weights.bits = bits;
    Expected<Calibration> result = calibrate(network, samples, trial, where);
    if (!result)
      return result.takeError();
    mixture.rows.resize(result->losses.size());
    for (size_t i = 0; i < mixture.rows.size(); ++i) {
      const LayerLoss &loss = result->losses[i];
      mixture.rows[i].layer = loss.name;
      mixture.rows[i].costs.push_back({loss.format, loss.bytes, loss.error});
    }
  }
  for (const Mixture::Row &row : mixture.rows)
    mixture.bytes += row.costs[0].bytes;
  while (mixture.bytes > budget) {
    const size_t i = cheapestStep(mixture.rows);
    if (i == mixture.rows.size())
      return makeError(ErrorKind::Capacity,
                       "2-bit weights everywhere take " +
                           describeBytes(mixture.bytes) + ", " +
                           describeBytes(mixture.bytes - budget) +
                           " more than --budget-bytes allows",
                       where, "raise the budget, or train a smaller network");
    Mixture::Row &row = mixture.rows[i];
    mixture.bytes -=
        row.costs[row.chosen].bytes - row.costs[row.chosen + 1].bytes;
    ++row.chosen;
  }
  for (const Mixture::Row &row : mixture.rows) {
    WeightFormat format = options.weights;
    format.code = Code::Linear;
    format.bits = 8u >> row.chosen;
    mixture.formats[row.layer] = format;
  }
  return std::move(mixture);
}

} // namespace hillock::ann
