//===- base/Csv.h - Tables of numbers as text -------------------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_BASE_CSV_H
#define HILLOCK_BASE_CSV_H

#include "base/NdArray.h"
#include <string>
#include <string_view>
#include <vector>

namespace hillock {

struct CsvTable {
  std::vector<std::string> header; ///< column names; empty without header
  NdArray values;                  ///< float64 (rows, columns)
};

/// Reads numbers separated by commas, semicolons or blanks (decided by
/// the first line). '#' begins a comment; empty lines are skipped; a first
/// line without any number is the header. Every row must have the columns of
/// the first. A field that is no number, or a ragged row, is an input error
/// with line and column.
Expected<CsvTable> parseCsv(std::string_view text, const std::string &name);
Expected<CsvTable> readCsv(const std::string &path);

} // namespace hillock

#endif // HILLOCK_BASE_CSV_H
