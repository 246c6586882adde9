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
};
