const GSM_7 =
  /^[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà^{}\\[~\]|€]*$/
const GSM_7_EXTENDED = /[\^{}\\[~\]|€]/g

/** How many SMS segments a text takes: GSM-7 holds 160 (153 when split), UCS-2 70 (67). */
export function segmentCount(text: string): number {
  if (GSM_7.test(text)) {
    const septets = text.length + (text.match(GSM_7_EXTENDED)?.length ?? 0)
    return septets <= 160 ? 1 : Math.ceil(septets / 153)
  }
  return text.length <= 70 ? 1 : Math.ceil(text.length / 67)
}
