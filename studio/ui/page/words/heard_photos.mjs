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

  // the photo's file
  "The file holds {count} pictures, as phones write them; the first one is edited, and the others are left out.": "文件中有 {count} 张图片（手机常如此保存）；只编辑第一张，其余不保留。",
  "{name} is animated, with {count} frames; save the frame to edit as a picture.": "{name} 是动画，共 {count} 帧；请把要编辑的那一帧另存为图片。",
  "{name} has {count} pages; save the page to edit as a file of its own.": "{name} 有 {count} 页；请把要编辑的那一页另存为单独的文件。",
  "The file holds smaller versions of the photo, which are left out.": "文件中还有照片的缩小版本，它们不会保留。",
  "{name} stores 16-bit colours in separate planes; save it with interleaved channels.": "{name} 把 16 位颜色存放在分离的平面中；请以交错通道保存。",
  "its pixels end early": "像素数据不完整",
  "The photo has a palette of colours; it is saved in full colour.": "照片使用调色板；将以全彩保存。",
  "The photo is black and white only; it is saved in 256 levels of grey.": "照片只有黑白两色；将以 256 级灰度保存。",
  "{name} is in {mode}; photos in RGB or grey with 8 or 16 bits are edited. Convert it first.": "{name} 的颜色模式为 {mode}；可编辑 8 位或 16 位的 RGB 或灰度照片，请先转换。",
  "32-bit numbers": "32 位数值",
  "The camera's notes in the file (EXIF) are damaged and are left out.": "文件中的相机信息（EXIF）已损坏，不会保留。",
  "The photo was a {format} file; it is saved as PNG.": "照片原为 {format} 文件，将保存为 PNG。",
  "JPEG keeps no transparency; save the photo as PNG or TIFF.": "JPEG 不支持透明，请把照片存为 PNG 或 TIFF。",
  "Hardly any program reads 16-bit grey with opacity as TIFF; save the photo as PNG.": "几乎没有程序能读取带透明度的 16 位灰度 TIFF，请把照片存为 PNG。",
  "JPEG keeps 8 of the photo's 16 bits; PNG and TIFF keep all.": "JPEG 只保留照片 16 位中的 8 位；PNG 和 TIFF 保留全部。",
  "The JPEG was encoded again as a whole; PNG keeps the photo outside the regions.": "JPEG 已整体重新编码；PNG 会原样保留区域之外的照片。",
  "JPEG stores blocks of pixels: {count} beside the changed ones moved with their block, by at most {largest} of 255. PNG and TIFF keep them exactly.": "JPEG 以像素块存储：改动之外有 {count} 个像素随所在的块变动，最多 {largest}（满值 255）。PNG 和 TIFF 会精确保留。",
  "The picture edits no photo.": "这张图片不是照片的编辑结果。",
  "The photo and its layers are too large for a Photoshop file (2 GB); save OpenRaster.": "照片及其图层对 Photoshop 文件来说太大（2 GB）；请保存为 OpenRaster。",
  // what cannot be edited
  "An edit begins from its photo; it takes no initial latents.": "编辑从照片开始，不接受初始潜变量。",
  "The scene is {scene} pixels but the photo is {photo}; the regions of an edit are drawn at the photo's own size.": "场景为 {scene} 像素，而照片为 {photo}；编辑的区域须按照片本身的尺寸绘制。",
  "There is no subject to keep; the lowest region of the scene is the subject.": "没有可保留的主体；场景中最底层的区域即为主体。",
  "The subject {subject} fills the whole photo, so nothing is left to change; choose a smaller one.": "主体 {subject} 占满了整张照片，没有可更改的部分；请选择较小的主体。",
  "Nothing says what the world around the subject should be; give the scene a caption or another region.": "没有说明主体周围应是什么；请为场景填写描述或添加另一个区域。",
  "The context {context} leaves out a part of what changes, {box}; make it larger, or leave it to the studio.": "上下文 {context} 没有包含将更改的部分 {box}；请将其放大，或交由工作室决定。",
  "Only an edited photo has layers; save this as PNG, JPEG or TIFF.": "只有编辑过的照片才有图层；请存为 PNG、JPEG 或 TIFF。",
};
