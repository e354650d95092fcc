//===- runtime/report/Sections.h - Parts of the page ------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_REPORT_SECTIONS_H
#define HILLOCK_RUNTIME_REPORT_SECTIONS_H

#include "runtime/report/Report.h"

// Each returns the inside of a section, or an empty string when the data have
// nothing for it. Figures are `figureWidth` units wide.
namespace hillock::runtime::html {

constexpr double figureWidth = 1080;

std::string rasterSection(const ReportData &data);   // Plots.cpp
std::string membraneSection(const ReportData &data); // Plots.cpp
std::string timingSection(const ReportData &data);   // CycleTables.cpp
std::string energySection(const ReportData &data);
std::string hotCoreSection(const ReportData &data);
std::string timeLineSection(const ReportData &data); // TimeLine.cpp
std::string linkSection(const ReportData &data);     // LinkMap.cpp
std::string chipSection(const ReportData &data);     // ChipMap.cpp
std::string tilesSection(const ReportData &data);    // Tables.cpp
std::string layerSection(const ReportData &data);
std::string confusionSection(const ReportData &data);
std::string tableSection(const ReportTable &table);
/// The charts of section \p name.
std::string chartSection(const ReportData &data, const std::string &name);
std::string pictureSection(const ReportData &data); // Pictures.cpp
std::string conventionSection(const ReportData &data);
std::string remarkSection(const ReportData &data);

} // namespace hillock::runtime::html

#endif // HILLOCK_RUNTIME_REPORT_SECTIONS_H
