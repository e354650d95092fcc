//===- target/Explain.cpp - Descriptions for people -----------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "target/Meaning.h"
#include "target/TargetModel.h"
#include "llvm/Support/FormatVariadic.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

namespace hillock::target {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace {

std::string number(double value) { return llvm::formatv("{0}", value).str(); }

std::string padded(std::string text, size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

std::string join(const std::vector<std::string> &parts) {
  std::string text;
  for (const std::string &part : parts)
    text += (text.empty() ? "" : ", ") + part;
  return text;
}

/// Walks a description in schema order and prints every field, set or not, as
/// "path = value   meaning".
class Printer {
public:
  std::string text;

  void message(const Message &message, const std::string &prefix) {
    const auto *type = message.GetDescriptor();
    for (int i = 0; i < type->field_count(); ++i)
      field(message, *type->field(i), prefix);
  }

private:
  void line(const std::string &path, const std::string &value,
            const std::string &meaning) {
    text += path + (value.empty() ? "" : " = " + value);
    text += "\n    " + meaning + "\n";
  }

  void field(const Message &message, const FieldDescriptor &field,
             const std::string &prefix) {
    const auto *reflection = message.GetReflection();
    const std::string path = prefix + field.name();
    const std::string about = meaning(field.full_name());
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      line(path, value(message, field), about);
      return;
    }
    if (field.message_type()->name() == "Source") {
      sources(message, field, path);
      return;
    }
    line(path, {}, about);
    if (!field.is_repeated()) {
      this->message(reflection->GetMessage(message, &field), path + ".");
      return;
    }
    const int count = reflection->FieldSize(message, &field);
    for (int i = 0; i < count; ++i)
      element(reflection->GetRepeatedMessage(message, &field, i), path);
  }

  /// Fields of memories and costs take one line each: the tables stay legible.
  void element(const Message &message, const std::string &path) {
    if (const auto *f = dynamic_cast<const proto::Field *>(&message)) {
      std::string range;
      if (f->has_min() || f->has_max())
        range = ", " + (f->has_min() ? std::to_string(f->min()) : "") + ".." +
                (f->has_max() ? std::to_string(f->max()) : "");
      text += "  " + f->name() + ": " + std::to_string(f->bits()) + " bits, " +
              (f->is_signed() ? "signed" : "unsigned") + range + "\n    " +
              f->description() + "\n";
    } else if (const auto *c = dynamic_cast<const proto::Cost *>(&message)) {
      text += "  " + c->event() + ": " + number(c->energy_pj()) + " pJ, " +
              number(c->latency_ns()) + " ns\n";
    } else {
      text += "\n";
      this->message(message, path + ".");
    }
  }

  void sources(const Message &message, const FieldDescriptor &field,
               const std::string &path) {
    const auto *reflection = message.GetReflection();
    const auto one = [&](const Message &from) {
      const auto &source = dynamic_cast<const proto::Source &>(from);
      text += path + ": " + (source.text().empty() ? "none" : source.text());
      text += source.note().empty() ? "\n" : " (" + source.note() + ")\n";
    };
    if (!field.is_repeated())
      return one(reflection->GetMessage(message, &field));
    for (int i = 0; i < reflection->FieldSize(message, &field); ++i)
      one(reflection->GetRepeatedMessage(message, &field, i));
  }

  static std::string scalar(const Message &m, const FieldDescriptor &f, int i) {
    const auto *r = m.GetReflection();
    const bool list = f.is_repeated();
    switch (f.cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
      return std::to_string(list ? r->GetRepeatedUInt32(m, &f, i)
                                 : r->GetUInt32(m, &f));
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(list ? r->GetRepeatedInt32(m, &f, i)
                                 : r->GetInt32(m, &f));
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(list ? r->GetRepeatedInt64(m, &f, i)
                                 : r->GetInt64(m, &f));
    case FieldDescriptor::CPPTYPE_BOOL:
      return (list ? r->GetRepeatedBool(m, &f, i) : r->GetBool(m, &f))
                 ? "true"
                 : "false";
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return number(list ? r->GetRepeatedDouble(m, &f, i)
                         : r->GetDouble(m, &f));
    case FieldDescriptor::CPPTYPE_ENUM:
      return (list ? r->GetRepeatedEnum(m, &f, i) : r->GetEnum(m, &f))->name();
    default:
      return list ? r->GetRepeatedString(m, &f, i) : r->GetString(m, &f);
    }
  }

  static std::string value(const Message &m, const FieldDescriptor &f) {
    const auto *reflection = m.GetReflection();
    if (!f.is_repeated())
      return reflection->HasField(m, &f) ? scalar(m, f, 0) : "(not set)";
    std::vector<std::string> parts;
    for (int i = 0; i < reflection->FieldSize(m, &f); ++i)
      parts.push_back(scalar(m, f, i));
    return parts.empty() ? "(none)" : join(parts);
  }
};

} // namespace

std::string explain(const TargetModel &target) {
  Printer printer;
  printer.message(target.proto(), "");
  return printer.text;
}

std::string letterMap(const TargetModel &target) {
  const proto::Mesh &mesh = target.proto().mesh();
  const std::string tile = "[" + std::string(mesh.cores_per_tile(), 'N') + "]";
  std::string text =
      "target " + target.name() + ": " + std::to_string(target.coresPerChip()) +
      " cores a chip, up to " + std::to_string(target.maxChips()) + " chips\n";
  std::string header = "       ";
  for (uint32_t x = 0; x < mesh.tiles_x(); ++x)
    header += padded("x" + std::to_string(x), tile.size() + 1);
  header.erase(header.find_last_not_of(' ') + 1);
  text += header + "\n";
  for (uint32_t y = 0; y < mesh.tiles_y(); ++y) {
    std::string row = padded("y" + std::to_string(y), 6);
    for (uint32_t x = 0; x < mesh.tiles_x(); ++x)
      row += " " + tile;
    text += row + "\n";
  }
  return text +
         "[..] a tile with its router, N a neuron core; tile x,y holds "
         "cores (x * " +
         std::to_string(mesh.tiles_y()) + " + y) * " +
         std::to_string(mesh.cores_per_tile()) + " and following\n";
}

} // namespace hillock::target
