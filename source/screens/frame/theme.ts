import { createContext } from 'react';

/** Whether colour may be used; bold stays without it. */
export const Colour = createContext(false);
