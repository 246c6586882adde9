/** What the server says of how pictures meet their words and shapes, in Simplified Chinese; see heard.mjs. */

export const JUDGED = {
  // auto-gamma
  "search for the loosest gamma": "最宽松伽马的搜索",
  "The wished overlap": "期望的重叠度",
  "The wished overlap is missing; give a number up to 1, such as 0.8.": "缺少期望的重叠度，请给出不超过 1 的数值，如 0.8。",
  "There is no region yet, so no gamma can be chosen by its shape.": "还没有区域，无法按形状选择伽马。",
  "Every region has a gamma of its own, so the scene's gamma changes nothing; let one follow the scene first.": "每个区域都有单独的伽马，场景的伽马不起作用；请先让一个区域跟随场景。",
  "No region can be measured in a draft: all are too small, hidden or as large as the picture. Choose gamma by hand.": "草稿中没有可测量的区域：都太小、被遮住或与画面一样大。请手动选择伽马。",
  "Even gamma 1 misses the wished overlap of {wish}: region {number} reaches {overlap}. Give it a simpler shape, or wish for less.": "即使伽马为 1 也达不到期望的重叠度 {wish}：区域 {number} 为 {overlap}。请简化其形状，或降低期望。",
  "Gamma {gamma} is the loosest of {drafts} drafts that keeps every shape: the lowest overlap is {overlap} (region {number}), {wish} was wished.": "在 {drafts} 张草稿中，伽马 {gamma} 是保持所有形状的最宽松值：最低重叠度为 {overlap}（区域 {number}），期望为 {wish}。",
  "judge of captions": "说明评判模型",
  // leaks
  "Region {number} looks like {other_caption} (region {other}) rather than {caption}.": "区域 {number} 看起来更像{other_caption}（区域 {other}），而不是{caption}。",
  // frames
  "{name} is a video; frames are pictures in a folder. Take it apart first: ffmpeg -i {name} frames/%05d.png": "{name} 是视频；帧应为文件夹中的图片。请先拆分：ffmpeg -i {name} frames/%05d.png",
  "{folder} is not a folder; frames are pictures in a folder.": "{folder} 不是文件夹；帧应为文件夹中的图片。",
  "{folder} holds no pictures; frames are PNG, JPEG, WebP or TIFF.": "{folder} 中没有图片；帧应为 PNG、JPEG、WebP 或 TIFF。",
  "Frame {name} is {extent} pixels, but the first frame is {wanted}; all frames must be of one size.": "帧 {name} 为 {extent} 像素，而第一帧为 {wanted}；所有帧的尺寸必须相同。",
  "{one} and {other} have the same name but for the ending; rename one of them.": "{one} 与 {other} 除扩展名外同名，请重命名其中一个。",
  "{path} cannot be read: {fault}. Give another folder to --out, or delete it.": "无法读取 {path}：{fault}。请为 --out 指定其他文件夹，或将其删除。",
  "Click on the thing in one of the frames.": "请在其中一帧上单击目标。",
  "There is no frame {number}; the series has {count}.": "没有第 {number} 帧；共有 {count} 帧。",
  "The click ({x}, {y}) is outside the frames of {extent} pixels.": "单击位置（{x}，{y}）超出 {extent} 像素的帧。",
  "The first click has to be on the thing itself.": "第一次单击必须落在目标上。",
};
