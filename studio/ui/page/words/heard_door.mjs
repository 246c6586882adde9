/** What stands in front of the studio says, in Simplified Chinese. */

export const DOOR = {
  "There is nothing at this address.": "此地址没有内容。",
  "At most {kilobytes} kB are taken at this address.": "此地址每次最多接收 {kilobytes} kB。",
  "The request arrived too slowly.": "请求到达得太慢。",
  "The component has no function {told}.": "该组件没有函数 {told}。",
  "--path-prefix is {prefix}; it is a path such as /studio, of letters, digits and . _ ~ -.": "--path-prefix 是 {prefix}；它应是 /studio 这样的路径，由字母、数字和 . _ ~ - 组成。",
  "{count} requests of this window are waiting already; try again in a moment.": "此窗口已有 {count} 个请求在等待，请稍后再试。",
  "That entry has ended already.": "该登录已经结束。",
  "id is text.": "id 是文本。",
};
