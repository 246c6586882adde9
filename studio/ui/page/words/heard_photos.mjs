/** What the server says of editing photos, in Simplified Chinese; see heard.mjs. */

export const PHOTOS = {
  // the photo and the edit
  "The photo holds values outside 0 to 65535; save it with 16 bits.": "照片含有 0 到 65535 之外的数值，请存为 16 位。",
  "The photo is of mode {mode}; convert it to one of {allowed} first.": "照片的模式为 {mode}，请先转换为以下之一：{allowed}。",
  "A photo is a PIL image, a path or an array of uint8 or uint16, not {kind}.": "照片应为 PIL 图片、路径，或 uint8、uint16 数组，而不是 {kind}。",
  "A photo's array is (height, width) or (height, width, 1 to 4 channels), not {shape}.": "照片数组应为（高, 宽）或（高, 宽, 1 到 4 个通道），而不是 {shape}。",
  "The context is {context}; it must be region, whole, or a box: left, top, right, bottom.": "上下文为 {context}，应为 region、whole，或一个方框：左、上、右、下。",
  "A side of the context": "上下文方框的边",
  "Strength is {strength}; it must be above 0 and at most 1 (1: made anew).": "强度为 {strength}，应大于 0 且不超过 1（1 表示全新生成）。",
  "The feather": "羽化",
  "A region's seed": "区域的种子",
  "The photo of this recipe is not here; open the photo {digest} as well.": "此配方的照片不在这里，请同时打开照片 {digest}。",
};
