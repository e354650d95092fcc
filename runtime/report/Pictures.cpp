//===- runtime/report/Pictures.cpp - Inputs and their heat ----------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "runtime/report/Html.h"
#include "runtime/report/Png.h"
#include "runtime/report/Sections.h"
#include <algorithm>
#include <cmath>

namespace hillock::runtime::html {

namespace {

using Pixel = std::array<uint8_t, 3>;

/// The strength is in the alpha channel, so that a picture stands on a light
/// and on a dark page.
std::string pixels(const ReportPicture &picture,
                   const std::vector<double> &values, Pixel positive,
                   Pixel negative) {
  std::vector<uint8_t> bytes;
  for (const double value : values) {
    const double part = std::isfinite(value) ? std::clamp(value, -1.0, 1.0) : 0;
    const Pixel &colour = part < 0 ? negative : positive;
    bytes.insert(bytes.end(), colour.begin(), colour.end());
    bytes.push_back(static_cast<uint8_t>(std::lround(255 * std::abs(part))));
  }
  return pngUri(pngBytes(static_cast<uint32_t>(picture.rows),
                         static_cast<uint32_t>(picture.columns), bytes));
}

std::string image(double x, double width, double height,
                  const std::string &cssClass, const std::string &uri) {
  return element("image",
                 {{"x", number(x)},
                  {"y", "0"},
                  {"width", number(width)},
                  {"height", number(height)},
                  {"preserveAspectRatio", "none"},
                  {"class", cssClass},
                  {"href", uri}},
                 "");
}

std::string draw(const ReportPicture &picture) {
  const auto places = static_cast<size_t>(picture.rows * picture.columns);
  if (picture.rows < 1 || picture.columns < 1 ||
      picture.input.size() != places || picture.heat.size() != places)
    return "";
  constexpr double side = 100, gap = 6;
  // A vector is a strip that is high enough to be seen; a tall picture becomes
  // narrower.
  const double ratio =
      static_cast<double>(picture.rows) / static_cast<double>(picture.columns);
  const double height = std::clamp(side * ratio, 12.0, 1.5 * side);
  const double width = std::min(side, std::max(height / ratio, 0.2 * side));
  const double margin = (side - width) / 2;
  constexpr Pixel ink{107, 114, 128}, warm{214, 94, 0}, cold{0, 100, 200};
  const std::string input = pixels(picture, picture.input, ink, ink);
  std::string text = image(margin, width, height, "pixels", input);
  text += image(side + gap + margin, width, height, "pixels faint", input);
  text += image(side + gap + margin, width, height, "pixels",
                pixels(picture, picture.heat, warm, cold));
  text += line(side + gap / 2, 0, side + gap / 2, height, "link");
  std::string body = element("figcaption", {}, escape(picture.caption)) +
                     figure(2 * side + gap, height, picture.caption, text);
  if (!picture.note.empty())
    body += element("p", {{"class", "small"}}, escape(picture.note));
  return element("figure", {}, body);
}

} // namespace

std::string pictureSection(const ReportData &data) {
  std::string text;
  for (const ReportPicture &picture : data.pictures)
    text += draw(picture);
  if (text.empty())
    return "";
  return element("p", {{"class", "note"}}, escape(data.pictureNote)) +
         element("div", {{"class", "gallery"}}, text);
}

} // namespace hillock::runtime::html
