//===- dialects/neurocore/Canonicalize.cpp - What can be dropped ----------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "dialects/neurocore/NeuroCore.h"
#include "dialects/neurocore/Tables.h"

using namespace mlir;
using namespace hillock;
using namespace hillock::neurocore;

LogicalResult ChipOp::canonicalize(ChipOp op, PatternRewriter &rewriter) {
  if (!op.getBody().front().empty())
    return failure();
  rewriter.eraseOp(op);
  return success();
}

LogicalResult RouteOp::canonicalize(RouteOp op, PatternRewriter &rewriter) {
  if (op.getMessages() != 0)
    return failure();
  rewriter.eraseOp(op);
  return success();
}

/// Puts a core with other tables in the place of \p op.
static void replaceCore(CoreOp op, const image::CoreTables &tables,
                        PatternRewriter &rewriter) {
  rewriter.setInsertionPoint(op);
  CoreOp core = buildCore(rewriter, op.getLoc(), tables, op.getProgram());
  core->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  rewriter.eraseOp(op);
}

LogicalResult CoreOp::canonicalize(CoreOp op, PatternRewriter &rewriter) {
  if (op.compartments().getCount() != 0 || op.axonIn())
    return failure();
  rewriter.eraseOp(op);
  return success();
}

LogicalResult SynapsesOp::canonicalize(SynapsesOp op,
                                       PatternRewriter &rewriter) {
  auto core = cast<CoreOp>(op->getParentOp());
  image::CoreTables tables = coreTables(core);
  image::SynapseRows &rows = tables.rows;
  std::vector<bool> used(tables.formats.size());
  for (uint8_t format : rows.format)
    used[format] = true;
  const bool noDelays = llvm::all_of(rows.delay, [](int d) { return d == 0; });
  if (llvm::all_of(used, [](bool b) { return b; }) &&
      (rows.delay.empty() || !noDelays))
    return failure();
  std::vector<image::SynapseFormat> formats;
  std::vector<uint8_t> renumbered(used.size());
  for (size_t i = 0; i < used.size(); ++i) {
    renumbered[i] = static_cast<uint8_t>(formats.size());
    if (used[i])
      formats.push_back(tables.formats[i]);
  }
  tables.formats = std::move(formats);
  for (uint8_t &format : rows.format)
    format = renumbered[format];
  if (noDelays)
    rows.delay.clear();
  replaceCore(core, tables, rewriter);
  return success();
}
