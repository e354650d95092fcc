//===- runtime/report/Report.h - A run as one HTML page ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One self-contained HTML file: no scripts, no network, figures as inline SVG,
// light and dark. Equal data give equal bytes; nothing in it depends on the
// time or the machine. All strings may hold anything: they are escaped.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_REPORT_REPORT_H
#define HILLOCK_RUNTIME_REPORT_REPORT_H

#include "base/Error.h"
#include "emulator/engine/CycleEngine.h"
#include "runtime/report/Layers.h"
#include "runtime/session/Session.h"
#include <array>
#include <optional>
#include <string>
#include <vector>

namespace hillock::runtime {

/// A number that sums something up.
struct ReportTile {
  std::string label, value;
  std::string note; ///< a line below; may be empty
};

/// One neuron's membrane over the steps of the network.
struct MembraneTrace {
  std::string name;                 ///< "lif1[3]:v"
  std::vector<double> values;       ///< by step, in the chip's units
  std::optional<double> threshold;  ///< in the same units
  std::vector<uint32_t> spikeSteps; ///< where the neuron fires
};

/// Rows under a heading of their own; cells are text.
struct ReportTable {
  std::string title, note;
  /// Name of each column, and whether it holds numbers.
  std::vector<std::pair<std::string, bool>> columns;
  std::vector<std::vector<std::string>> rows;
};

struct ReportCurve {
  std::string name;
  std::vector<std::pair<double, double>> points; ///< by x
};

/// Curves over one axis. Those of one section stand side by side.
struct ReportChart {
  std::string section, title, xLabel, yLabel;
  bool percentX = false, percentY = false; ///< values 0..1 are shown in percent
  std::vector<ReportCurve> curves;
};

/// An input and which of its places a decision rests on.
struct ReportPicture {
  std::string caption, note;
  int64_t rows = 0, columns = 0;
  std::vector<double> input; ///< by place, 0 (nothing) to 1 (most)
  std::vector<double> heat;  ///< by place, -1 (against) to 1 (for)
};

struct ReportData {
  std::string title;    ///< the network's name
  std::string subtitle; ///< what was done: "evaluation of 360 samples"
  std::string target, producer;
  std::vector<ReportTile> tiles;

  /// The raster, a band a population in the order given; steps from 0.
  std::vector<SpikeTrain> raster;
  int64_t rasterSteps = 0;
  std::string rasterNote; ///< "sample 0 (label 7)"
  std::vector<MembraneTrace> membranes;

  ChipPlan chip; ///< empty: no chip map
  std::vector<LayerRow> layers;
  /// Time and energy: with the steps of one run, and the sums of all; the
  /// same for a single run. Neither: no sections.
  std::optional<emu::CycleReport> timeLine, cycles;
  /// confusion[label][decision]; empty: no section
  std::vector<std::vector<uint64_t>> confusion;
  std::vector<ReportTable> tables;
  std::vector<ReportChart> charts;
  std::vector<ReportPicture> pictures;
  std::string pictureNote; ///< how the heat was found
  /// Name, value, where it is from.
  std::vector<std::array<std::string, 3>> conventions;
  std::vector<std::string> remarks;
};

/// The whole page.
std::string renderReport(const ReportData &data);

/// Writes \p path itself when it ends in .html, else \p path/index.html; makes
/// the folder. Input error when it cannot be written.
Error writeReport(const std::string &path, const ReportData &data);

} // namespace hillock::runtime

#endif // HILLOCK_RUNTIME_REPORT_REPORT_H
