//===- runtime/report/Html.cpp --------------------------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/report/Html.h"
#include <cmath>
#include <cstdio>

namespace hillock::runtime::html {

/// The length of the UTF-8 sequence at the start of \p text, 0 when there is
/// no valid one (overlong forms and surrogates included).
static size_t sequenceLength(std::string_view text) {
  const auto byte = [&](size_t i) {
    return static_cast<unsigned char>(text[i]);
  };
  const unsigned char first = byte(0);
  size_t length = 0;
  uint32_t code = 0;
  if (first < 0x80)
    return 1;
  if (first >= 0xC2 && first < 0xE0)
    length = 2, code = first & 0x1Fu;
  else if ((first & 0xF0) == 0xE0)
    length = 3, code = first & 0x0Fu;
  else if (first >= 0xF0 && first < 0xF5)
    length = 4, code = first & 0x07u;
  if (!length || text.size() < length)
    return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80)
      return 0;
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  const bool bad = (length == 3 && code < 0x800) ||
                   (code >= 0xD800 && code < 0xE000) || code > 0x10FFFF ||
                   (length == 4 && code < 0x10000);
  return bad ? 0 : length;
}

std::string escape(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const size_t length = sequenceLength(text);
    const char c = text.front();
    if (!length ||
        (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') ||
        c == 0x7f)
      result += "\xEF\xBF\xBD";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '&')
      result += "&amp;";
    else if (c == '"')
      result += "&quot;";
    else if (c == '\'')
      result += "&#39;";
    else
      result += text.substr(0, length);
    text.remove_prefix(length ? length : 1);
  }
  return result;
}

std::string number(double value, int digits) {
  if (!std::isfinite(value))
    return "n/a";
  char text[64];
  const int size = std::abs(value) < 1e15
                       ? std::snprintf(text, sizeof text, "%.*f", digits, value)
                       : std::snprintf(text, sizeof text, "%.6g", value);
  std::string result(text, static_cast<size_t>(size));
  if (std::abs(value) < 1e15 && result.find('.') != std::string::npos) {
    result.erase(result.find_last_not_of('0') + 1);
    if (result.back() == '.')
      result.pop_back();
  }
  return result == "-0" ? "0" : result;
}

std::string percent(double part, int digits) {
  if (!std::isfinite(part))
    return "n/a";
  char text[64];
  std::snprintf(text, sizeof text, "%.*f %%", digits, 100 * part);
  return text;
}

std::string shorten(const std::string &name, size_t most) {
  if (name.size() <= most || most < 5)
    return name;
  const size_t tail = (most - 2) / 2, head = most - 2 - tail;
  return name.substr(0, head) + ".." + name.substr(name.size() - tail);
}

std::string element(std::string_view name, const Attributes &attributes,
                    std::string_view content) {
  std::string text = "<" + std::string(name);
  for (const auto &[key, value] : attributes)
    text += " " + std::string(key) + "=\"" + escape(value) + "\"";
  text += ">";
  text += content;
  return text + "</" + std::string(name) + ">";
}

std::string label(double x, double y, std::string_view cssClass,
                  std::string_view text) {
  return element(
      "text",
      {{"x", number(x)}, {"y", number(y)}, {"class", std::string(cssClass)}},
      escape(text));
}

std::string line(double x1, double y1, double x2, double y2,
                 std::string_view cssClass) {
  return element("line",
                 {{"x1", number(x1)},
                  {"y1", number(y1)},
                  {"x2", number(x2)},
                  {"y2", number(y2)},
                  {"class", std::string(cssClass)}},
                 "");
}

std::vector<double> ticks(double low, double high, int count) {
  std::vector<double> result;
  if (!(high > low) || count < 1 || !std::isfinite(high - low))
    return result;
  const double raw = (high - low) / count;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  double step = power;
  for (double factor : {1.0, 2.0, 5.0, 10.0})
    if (factor * power >= raw * 0.999) {
      step = factor * power;
      break;
    }
  const double first = std::ceil(low / step - 1e-9);
  for (double k = first; k * step <= high + step * 1e-9; ++k)
    result.push_back(k * step == 0 ? 0 : k * step);
  return result;
}

static std::string cell(const char *tag, bool numeric,
                        const std::string &content) {
  return element(tag, numeric ? Attributes{{"class", "n"}} : Attributes{},
                 content);
}

Table::Table(std::vector<std::pair<std::string, bool>> headers)
    : columns(std::move(headers)) {
  std::string cells;
  for (const auto &[name, numeric] : columns)
    cells += cell("th", numeric, escape(name));
  text = "<thead><tr>" + cells + "</tr></thead><tbody>";
}

void Table::row(const std::vector<std::string> &cells) {
  text += "<tr>";
  for (size_t i = 0; i < cells.size() && i < columns.size(); ++i)
    text += cell("td", columns[i].second, cells[i]);
  text += "</tr>";
}

std::string Table::html() const {
  return "<div class=\"scroll\"><table>" + text + "</tbody></table></div>";
}

std::string figure(double width, double height, std::string_view title,
                   std::string_view content) {
  return element("svg",
                 {{"viewBox", "0 0 " + number(width) + " " + number(height)},
                  {"role", "img"},
                  {"width", "100%"}},
                 element("title", {}, escape(title)) + std::string(content));
}

} // namespace hillock::runtime::html
