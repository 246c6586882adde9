/** What the server says of photos that a project edits, in Simplified Chinese; see heard.mjs. */

export const EDITS = {
  // what a project keeps of it
  "The layer of {extent} pixels cannot be written.": "无法写入 {extent} 像素的图层。",
  "A layer of the photo is {size}; it should be {extent}.": "照片的一个图层为 {size}，应为 {extent}。",
  "A layer of the photo is damaged.": "照片的一个图层已损坏。",
  "A layer of the photo lies outside it.": "照片的一个图层位于照片之外。",
  "The project's photo is {extent}; it should be {wanted}.": "项目中的照片为 {extent}，应为 {wanted}。",
  "The project's photo edit cannot be read: {fault}": "无法读取项目中的照片编辑：{fault}",
  "The opacity is {opacity}; it must be 0 to 1.": "不透明度为 {opacity}，应在 0 到 1 之间。",
  "No photo is being edited; start editing first.": "当前没有在编辑照片，请先开始编辑。",
  "No photo is being edited.": "当前没有在编辑照片。",
  "There is no photo to edit; upload one, or edit a result.": "没有可编辑的照片，请上传一张，或编辑一张结果图。",
  "{fault} The picture under the sketch is edited instead.": "{fault} 将改为编辑草图下的图片。",
  "{caption} is not in the sketch.": "{caption} 不在草图范围内。",
  "All regions are pinned; unpin one to change it.": "所有区域都已固定，请先取消固定再修改。",
  "Draw what should change first.": "请先画出要修改的部分。",
  "Region {number} is hidden; show it first.": "区域 {number} 已隐藏，请先显示它。",
  "Region {number} is pinned; unpin it to change it.": "区域 {number} 已固定，请先取消固定再修改。",
  "The box lies outside the photo of {extent} pixels.": "方框位于 {extent} 像素的照片之外。",
  "The photo that is edited decides the size; stop editing first.": "尺寸由正在编辑的照片决定，请先停止编辑。",
  "The photo is being edited; stop editing first.": "照片正在编辑中，请先停止编辑。",
  "What the model sees of a photo is shown by its context boxes.": "模型看到的照片部分由上下文方框显示。",
  "Single regions are made in a photo that is edited; start editing.": "只有在编辑照片时才能单独生成区域，请开始编辑。",
  // what changed
  "seed of {number}": "区域 {number} 的种子",
  "blending of {number}": "区域 {number} 的融合",
  "another photo": "另一张照片",
  "how the edit blends": "编辑的融合方式",
  "subject": "主体",
  "edit of a photo": "照片编辑",
  "sketch": "草图",
};
