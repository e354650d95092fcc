//===- runtime/report/Html.h - Pieces of pages and figures ------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_RUNTIME_REPORT_HTML_H
#define HILLOCK_RUNTIME_REPORT_HTML_H

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hillock::runtime::html {

/// For text and for attributes in quotes. Control characters that XML does not
/// allow and bytes that are not UTF-8 become U+FFFD.
std::string escape(std::string_view text);

/// At most \p digits behind the point, without trailing zeros: "3.5", "12",
/// "-0.25", "0" for -0. Not finite: "n/a".
std::string number(double value, int digits = 2);
/// "12.34 %" of a part from 0 to 1.
std::string percent(double part, int digits = 2);
/// The name of a length, cut from the middle of long names: at most \p most
/// characters, not escaped.
std::string shorten(const std::string &name, size_t most);

using Attributes = std::vector<std::pair<std::string_view, std::string>>;

/// <name a="..">content</name>; attributes are escaped, the content is not.
std::string element(std::string_view name, const Attributes &attributes,
                    std::string_view content);
/// Text at a place of a figure; \p text is escaped.
std::string label(double x, double y, std::string_view cssClass,
                  std::string_view text);
std::string line(double x1, double y1, double x2, double y2,
                 std::string_view cssClass);

/// Ticks at round distances (1, 2, 5 times a power of ten) within
/// [low, high], about \p count of them; none when the range is empty.
std::vector<double> ticks(double low, double high, int count);

/// Rows of a table whose cells are HTML; numbers stand right.
class Table {
public:
  /// Name of each column, and whether it holds numbers.
  explicit Table(std::vector<std::pair<std::string, bool>> headers);
  void row(const std::vector<std::string> &cells);
  std::string html() const;

private:
  std::vector<std::pair<std::string, bool>> columns;
  std::string text;
};

/// A figure of width x height units that scales with the page. \p title is
/// read out by screen readers.
std::string figure(double width, double height, std::string_view title,
                   std::string_view content);

} // namespace hillock::runtime::html

#endif // HILLOCK_RUNTIME_REPORT_HTML_H
