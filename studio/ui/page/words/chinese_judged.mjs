/** The page's sentences about judging pictures and following things through frames, in Simplified Chinese; see chinese.mjs. */

export const JUDGED = {
  // auto-gamma
  "Loosest that keeps": "保持形状的最宽松值",
  "Overlap that every shape should keep": "每个形状应保持的重叠度",
  "Up to 4 drafts find the loosest gamma at which every shape keeps this overlap with what you drew": "用最多 4 张草稿找出最宽松的伽马，使每个形状与您所画的保持此重叠度",
  "Likeness to your other pictures of this caption: {n}": "与您其他同说明图片的相似度：{n}",
  // leaks
  "{fix}, and render": "{fix}，并生成",
  "redraw it with another seed": "换一个种子重画",
  "isolate the regions in all blocks": "在所有模块中隔离各区域",
  "raise its gamma to 1": "将其伽马提高到 1",
};
