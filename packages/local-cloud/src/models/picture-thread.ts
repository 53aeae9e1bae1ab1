import jpeg from "jpeg-js";
import { landscape, type PictureQuestion } from "./landscape.ts";
import { drawLabel } from "./picture-label.ts";
import { serveThread } from "./serve-thread.ts";

/** JPEG's, 1 to 100. */
const QUALITY = 85;

serveThread((question: PictureQuestion): Uint8Array => {
  const { width, height } = question;
  const data = landscape(question);
  drawLabel(data, width, height);
  return jpeg.encode({ data, width, height }, QUALITY).data;
});
