import { LabIcon } from "@jupyterlab/ui-components";

import svgstr from "../style/labelscope.svg";

export const icon = new LabIcon({ name: "labelscope:icon", svgstr });
